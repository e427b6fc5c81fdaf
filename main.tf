data "aws_partition" "current" {}

locals {
  supervised = var.training.mode == "supervised"
  validated  = local.supervised && var.corpus.validation_fraction > 0
  stop_words = split("\n", file("${path.module}/lambda_src/preprocess/text/stop_words_ja.txt"))
}

module "storage" {
  source = "./modules/storage"

  existing_input_bucket = var.input.bucket_name
  force_destroy         = var.force_destroy
  kms_key_arn           = var.kms_key_arn
  manage_notification   = var.input.manage_notification
  name                  = var.name
  runs_expiration_days  = var.runs_expiration_days
  tags                  = var.tags
}

module "preprocess" {
  source = "./modules/preprocess"

  architecture             = var.preprocess.architecture
  artifacts_bucket         = module.storage.artifacts_bucket
  build_directory          = coalesce(var.preprocess.build_directory, "${path.root}/.terraform/blazingtext-ja")
  ephemeral_storage_size   = var.preprocess.ephemeral_storage_size
  input                    = { bucket_arn = module.storage.input_bucket.arn, prefix = var.input.prefix }
  kms_key_arns             = { logs = var.kms_key_arn, read = compact([var.kms_key_arn, var.input.kms_key_arn]), write = var.kms_key_arn }
  log_retention_days       = var.log_retention_days
  memory_size              = var.preprocess.memory_size
  name                     = var.name
  package                  = var.preprocess.package
  permissions_boundary_arn = var.permissions_boundary_arn
  python                   = var.preprocess.python
  reserved_concurrency     = var.preprocess.reserved_concurrency
  runtime                  = var.preprocess.runtime
  tags                     = var.tags
  timeout                  = var.preprocess.timeout
  user_dictionary          = var.preprocess.user_dictionary
  vpc                      = var.vpc
}

module "assemble" {
  source = "./modules/assemble"

  architecture             = var.preprocess.architecture
  artifacts_bucket         = module.storage.artifacts_bucket
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  name                     = var.name
  package                  = module.preprocess.package
  permissions_boundary_arn = var.permissions_boundary_arn
  runtime                  = var.preprocess.runtime
  tags                     = var.tags
  vpc                      = var.vpc
}

module "training" {
  source = "./modules/training"

  artifacts_bucket         = module.storage.artifacts_bucket
  kms_key_arn              = var.kms_key_arn
  name                     = var.name
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
  training                 = var.training
  vpc                      = var.vpc
}

module "workflow" {
  source = "./modules/workflow"

  artifacts_bucket         = module.storage.artifacts_bucket
  definition               = local.definition
  failure_topic_arn        = local.failure_topic_arn
  function_arns            = [module.preprocess.function_arn, module.assemble.function_arn]
  input                    = { bucket_arn = module.storage.input_bucket.arn, prefix = var.input.prefix }
  kms_key_arn              = var.kms_key_arn
  log_retention_days       = var.log_retention_days
  name                     = var.name
  permissions_boundary_arn = var.permissions_boundary_arn
  tags                     = var.tags
  training_role_arn        = module.training.role_arn
}

module "trigger" {
  source = "./modules/trigger"

  input = {
    bucket   = module.storage.input_bucket.name
    marker   = var.input.marker
    prefix   = var.input.prefix
    suffixes = var.input.each_file ? var.input.suffixes : []
  }
  kms_key_arn              = var.kms_key_arn
  name                     = var.name
  permissions_boundary_arn = var.permissions_boundary_arn
  state_machine_arn        = module.workflow.state_machine_arn
  tags                     = var.tags
}

locals {
  definition = templatefile("${path.module}/statemachine.asl.json.tftpl", {
    artifacts_bucket             = module.storage.artifacts_bucket.name
    assemble_arn                 = module.assemble.function_arn
    channels                     = local.validated ? ["train", "validation"] : ["train"]
    config                       = jsonencode(local.config)
    failure_topic_arn            = local.failure_topic_arn
    lambda_errors                = jsonencode(local.lambda_errors)
    marker                       = var.input.marker == "" ? "/" : var.input.marker # no part of a key is "/"
    max_concurrency              = var.preprocess.max_concurrency
    name                         = var.name
    name_pattern                 = local.name_pattern
    partition                    = data.aws_partition.current.partition
    preprocess_arn               = module.preprocess.function_arn
    preprocess_timeout           = var.preprocess.timeout + 60
    tags                         = [for key, value in var.tags : { Key = key, Value = value }]
    tolerated_failure_percentage = var.preprocess.tolerated_failure_percentage
    training                     = module.training.job
    # An hour for SageMaker to find instances, to start them and to upload the model.
    training_timeout = coalesce(var.training.spot_max_wait_seconds, var.training.max_runtime_seconds) + 3600
  })

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
    stop_words               = var.tokenizer.stop_words == null ? [for line in local.stop_words : trimspace(line) if !startswith(line, "#") && trimspace(line) != ""] : var.tokenizer.stop_words
    text_column              = var.corpus.text_column
    token_form               = var.tokenizer.token_form
    validation_fraction      = local.validated ? var.corpus.validation_fraction : 0
  }

  # Errors of the Lambda service, which says that they may pass.
  # https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
  lambda_errors = [
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
  ]

  # Keys of text files, as a regular expression inside of JSON: the last part is not hidden and ends in a suffix.
  name_pattern = replace("(^|\\/)[^_.\\/][^\\/]*(${join("|", [for suffix in var.input.suffixes : replace(suffix, "/[^A-Za-z0-9_-]/", "\\$0")])})$", "\\", "\\\\")

  failure_topic_arn = var.failure_topic_arn == null ? aws_sns_topic.failures[0].arn : var.failure_topic_arn
}

resource "aws_sns_topic" "failures" {
  count = var.failure_topic_arn == null ? 1 : 0

  name              = "${var.name}-failures"
  kms_master_key_id = coalesce(var.kms_key_arn, "alias/aws/sns")
  tags              = var.tags
}
