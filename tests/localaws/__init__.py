"""An AWS account on this machine: moto in-process, made as strict as AWS and given what it lacks.

>>> from localaws import LocalAWS
>>> with LocalAWS() as aws:
...     aws.client("s3").create_bucket(Bucket="reviews")
"""

from __future__ import annotations

from localaws.account.isolation import isolated

# moto makes sessions on import, which read the profile that the user's settings name.
with isolated():
    from localaws.server import LocalAWS

__all__ = ["LocalAWS"]
