"""What runs in place of BlazingText's image: ``python -m blazingtext [ml folder]``.

The package stands by itself, as a container image does: it imports nothing of the local AWS and knows only
SageMaker's folder layout (``input/config``, ``input/data/<channel>``, ``model``, ``output/failure``). fastText does the
learning; BlazingText and fastText read each other's binaries.
"""
