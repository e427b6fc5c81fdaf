# The part of a training job that is the same in every run. What a run adds (its name and channels) stands in the state
# machine's template.

data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_sagemaker_prebuilt_ecr_image" "blazingtext" {
  count = var.training.image_uri == null ? 1 : 0

  repository_name = "blazingtext"
  dns_suffix      = data.aws_partition.current.dns_suffix
  region          = data.aws_region.current.name
}

locals {
  image_uri = (
    var.training.image_uri == null
    ? data.aws_sagemaker_prebuilt_ecr_image.blazingtext[0].registry_path
    : var.training.image_uri
  )

  # ACCOUNT.dkr.ecr.REGION.SUFFIX/REPOSITORY:TAG
  image          = regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.[^/]+/(?P<repository>[^:@]+)", local.image_uri)
  repository_arn = "arn:${data.aws_partition.current.partition}:ecr:${local.image.region}:${local.image.account}:repository/${local.image.repository}"

  spot = var.training.spot_max_wait_seconds != null

  # Local disks encrypt by themselves, and SageMaker refuses a key for them.
  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
  has_local_disks = can(regex("^ml\\.(p3dn|g4dn|g5|[cmr][0-9]+[a-z]*d)\\.", var.training.instance_type))

  # BlazingText scores an English word list unless told not to; of Japanese vectors that says nothing.
  defaults = var.training.mode == "supervised" ? {} : { evaluation = "False" }

  # BlazingText spells booleans as Python does, Terraform as JSON does.
  spelled = { for name, value in var.training.hyperparameters : name => contains(["true", "false"], lower(value)) ? title(lower(value)) : value }

  job = {
    AlgorithmSpecification = {
      TrainingImage     = local.image_uri
      TrainingInputMode = "File"
    }
    EnableInterContainerTrafficEncryption = var.training.encrypt_inter_container_traffic
    EnableManagedSpotTraining             = local.spot
    EnableNetworkIsolation                = var.training.network_isolation
    HyperParameters                       = merge(local.defaults, local.spelled, { mode = var.training.mode })
    OutputDataConfig = merge(
      { S3OutputPath = "s3://${var.artifacts_bucket.name}/models/" },
      var.kms_key_arn == null ? {} : { KmsKeyId = var.kms_key_arn },
    )
    ResourceConfig = merge(
      {
        InstanceCount  = var.training.instance_count
        InstanceType   = var.training.instance_type
        VolumeSizeInGB = var.training.volume_size
      },
      var.kms_key_arn == null || local.has_local_disks ? {} : { VolumeKmsKeyId = var.kms_key_arn },
    )
    RoleArn = aws_iam_role.this.arn
    StoppingCondition = merge(
      { MaxRuntimeInSeconds = var.training.max_runtime_seconds },
      local.spot ? { MaxWaitTimeInSeconds = var.training.spot_max_wait_seconds } : {},
    )
    VpcConfig = var.vpc == null ? null : { SecurityGroupIds = var.vpc.security_group_ids, Subnets = var.vpc.subnet_ids }
  }
}
