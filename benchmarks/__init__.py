"""Speed and memory of the preprocessor beside what a user would do otherwise: ``make bench``."""

import sys
from pathlib import Path

# The Lambda's code is no installed package: it is measured as it lies in the checkout.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lambda_src"))
