"""Turn a table of Japanese text on S3 into the training lines of SageMaker BlazingText."""
