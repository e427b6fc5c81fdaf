"""Lambda's Pythons and processors."""

from __future__ import annotations

#: What a runtime's wheels may ask of glibc 2, by minor version: Amazon Linux 2 has 2.26, Amazon Linux 2023 has 2.34.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
GLIBC = {"python3.11": 26, "python3.12": 34, "python3.13": 34, "python3.14": 34}

#: That of ``preprocess.runtime`` in variables.tf.
DEFAULT_RUNTIME = "python3.13"

#: Lambda's names of processors, and Linux's.
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
