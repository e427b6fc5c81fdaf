"""Builds the Lambda function's deployment package with pip, for Lambda's Python and processor, on any machine.

Needs Python 3.9 or newer with pip, and nothing else: no Docker, no compiler, no shell. The same sources, pins and host
Python give the same bytes.

Lambda takes 262,144,000 bytes unzipped. The libraries and the dictionary are more, so the dictionary travels in gzipped
segments, which the function unpacks in parallel when it starts (preprocess/text/dictionary_files.py).
"""
