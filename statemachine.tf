# What the state machine's template is rendered with.

locals {
  definition = templatefile("${path.module}/statemachine.asl.json.tftpl", {
    artifacts_bucket             = module.storage.artifacts_bucket.name
    assemble                     = module.preprocess.assemble
    channels                     = local.validated ? ["train", "validation"] : ["train"]
    config                       = local.config
    fixed_disks                  = module.training.fixed_disks
    hidden                       = local.hidden
    marker                       = var.input.marker
    max_concurrency              = var.preprocess.max_concurrency
    name                         = var.name
    partition                    = local.shared.partition
    prefix                       = var.input.prefix
    preprocess                   = module.preprocess.preprocess
    retry                        = local.retry
    suffixes                     = [for suffix in var.input.suffixes : lower(suffix)]
    tolerated_failure_percentage = var.preprocess.tolerated_failure_percentage
    training                     = module.training.job
    training_timeout             = module.training.timeout
    volume_size                  = var.training.volume_size
  })

  supervised = var.training.mode == "supervised"
  validated  = local.supervised && var.corpus.validation_fraction > 0

  # What Spark, Hadoop and notebooks hide: any part of the key below the prefix counts.
  hidden = "$contains($states.input.name, '/_') or $contains($states.input.name, '/.')"

  # What the function is told with every file, and so what each execution's history shows.
  config = {
    columns                  = var.corpus.columns
    delimiter                = var.corpus.delimiter
    encoding                 = var.corpus.encoding
    escape                   = var.corpus.escape
    excluded_parts_of_speech = var.tokenizer.excluded_parts_of_speech
    label_column             = local.supervised ? var.corpus.label_column : null
    label_map                = local.supervised ? var.corpus.label_map : null
    quoting                  = var.corpus.quoting
    show_values              = var.corpus.show_values
    split_mode               = var.tokenizer.split_mode
    stop_words               = var.tokenizer.stop_words # null is the list in the package
    text_column              = var.corpus.text_column
    token_form               = var.tokenizer.token_form
    validation_fraction      = local.validated ? var.corpus.validation_fraction : 0
  }

  retry = {
    lambda = [
      {
        # AWS's names: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
        Comment = "More files at a time than the account runs functions, or a function that wakes up in its VPC: the next try waits up to five minutes, an hour and a quarter in all."
        ErrorEquals = [
          "Lambda.EC2ThrottledException",
          "Lambda.EC2UnexpectedException",
          "Lambda.ENILimitReachedException",
          "Lambda.ResourceConflictException",
          "Lambda.ResourceNotReadyException",
          "Lambda.TooManyRequestsException",
        ]
        IntervalSeconds = 5
        BackoffRate     = 2
        MaxAttempts     = 20
        MaxDelaySeconds = 300
        JitterStrategy  = "FULL"
      },
      {
        # https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
        Comment = "Lambda's own errors, which pass. A file that can't be read is the user's to mend, and is never tried again."
        ErrorEquals = [
          "Lambda.AWSLambdaException",
          "Lambda.ClientExecutionTimeoutException",
          "Lambda.SdkClientException",
          "Lambda.ServiceException",
        ]
        IntervalSeconds = 2
        BackoffRate     = 2
        MaxAttempts     = 6
        MaxDelaySeconds = 60
        JitterStrategy  = "FULL"
      },
    ]

    training = [
      {
        Comment         = "Throttling and SageMaker's own errors. A request that is refused for good has the same name, so not for long."
        ErrorEquals     = ["SageMaker.AmazonSageMakerException", "SageMaker.SdkClientException"]
        IntervalSeconds = 10
        BackoffRate     = 3
        MaxAttempts     = 4
        JitterStrategy  = "FULL"
      },
    ]
  }
}
