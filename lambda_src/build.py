#!/usr/bin/env python3
"""Build the Lambda function's deployment package: ``python3 build.py --output preprocess.zip``.

Any Python can read this file, so that one which is too old for ``builder`` says what to do.
"""

import io
import sys

if sys.version_info < (3, 9):  # noqa: UP036
    sys.exit(
        "build.py: %s is Python %d.%d, and the build takes 3.9 or later, with pip. Install one and name it as "  # noqa: UP031
        "preprocess.python, or build the package elsewhere and name it as preprocess.package "
        "(docs/troubleshooting.md shows how)." % (sys.executable, sys.version_info[0], sys.version_info[1])
    )

from builder.cli import main

if __name__ == "__main__":
    # Terraform reads UTF-8, where Windows would write in the code page of its language.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    sys.exit(main())
