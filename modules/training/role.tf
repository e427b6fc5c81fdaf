# What a training job may do: pull its image, read its channels, write its model, log and measure.
# https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms

module "role" {
  source = "../role"

  description = "Lets the training jobs of ${var.shared.name} read runs and write models."
  name        = "training"
  policy      = data.aws_iam_policy_document.this.json
  service     = "sagemaker.amazonaws.com"
  shared      = var.shared
  source_arns = ["arn:${var.shared.partition}:sagemaker:${var.shared.region}:${var.shared.account_id}:*"]
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ListChannels"
    actions   = ["s3:ListBucket"]
    resources = [var.artifacts_bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["runs/*"]
    }
  }

  statement {
    sid       = "ReadChannels"
    actions   = ["s3:GetObject"]
    resources = ["${var.artifacts_bucket.arn}/runs/*"]
  }

  statement {
    sid       = "WriteModel"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${var.artifacts_bucket.arn}/models/*"]
  }

  # A token is for the whole registry, so it has no resource.
  statement {
    sid       = "LogInToRegistry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [local.repository_arn]
  }

  # The log group is SageMaker's, one for all training jobs of the account. In policies, groups have `:*` at their end.
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["arn:${var.shared.partition}:logs:${var.shared.region}:${var.shared.account_id}:log-group:/aws/sagemaker/TrainingJobs:*"]
  }

  # Metrics have no ARN; a namespace is what can be named. A job reports in /aws/sagemaker/TrainingJobs.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
  statement {
    sid       = "Measure"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringLike"
      variable = "cloudwatch:namespace"
      values   = ["/aws/sagemaker/*"]
    }
  }

  dynamic "statement" {
    for_each = var.shared.kms_key_arn == null ? [] : [var.shared.kms_key_arn]

    content {
      # Encrypt: SageMaker asks for it where a model has a key of its own.
      # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  # The volume is encrypted by EBS on the role's behalf, which takes a grant.
  dynamic "statement" {
    for_each = var.shared.kms_key_arn == null ? [] : [var.shared.kms_key_arn]

    content {
      sid       = "EncryptVolume"
      actions   = ["kms:CreateGrant"]
      resources = [statement.value]

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }

  # Network interfaces have no ARN before they are made.
  dynamic "statement" {
    for_each = var.shared.vpc == null ? [] : [var.shared.vpc]

    content {
      sid = "ConnectToVpc"
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ]
      resources = ["*"]
    }
  }
}
