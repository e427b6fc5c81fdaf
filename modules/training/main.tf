# The part of a training job that is the same in every run. What a run adds (its name and channels) stands in the state
# machine's template.

data "aws_sagemaker_prebuilt_ecr_image" "blazingtext" {
  count = var.training.image_uri == null ? 1 : 0

  repository_name = "blazingtext"
  dns_suffix      = var.shared.dns_suffix
  region          = var.shared.region
}

locals {
  image_uri = (
    var.training.image_uri == null
    ? data.aws_sagemaker_prebuilt_ecr_image.blazingtext[0].registry_path
    : var.training.image_uri
  )

  # ACCOUNT.dkr.ecr.REGION.SUFFIX/REPOSITORY:TAG
  image          = regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.[^/]+/(?P<repository>[^:@]+)", local.image_uri)
  repository_arn = "arn:${var.shared.partition}:ecr:${local.image.region}:${local.image.account}:repository/${local.image.repository}"

  spot = var.training.spot_max_wait_seconds != null

  # Local disks encrypt by themselves, and SageMaker refuses a key for them.
  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
  has_local_disks = can(regex("^ml\\.(p3dn|g4dn|g5|[cmr][0-9]+[a-z]*d)\\.", var.training.instance_type))

  # BlazingText scores an English word list unless told not to; of Japanese vectors that says nothing.
  defaults = var.training.mode == "supervised" ? {} : { evaluation = "False" }

  # BlazingText spells booleans as Python does, Terraform as JSON does.
  spelled = { for name, value in var.training.hyperparameters : name => contains(["true", "false"], lower(value)) ? title(lower(value)) : value }

  # Fields that are not asked for are left out: SageMaker's own defaults are the same, and what is not sent can't be refused.
  job = merge(
    {
      AlgorithmSpecification = { TrainingImage = local.image_uri, TrainingInputMode = "File" }
      HyperParameters        = merge(local.defaults, local.spelled, { mode = var.training.mode })
      OutputDataConfig = merge(
        { S3OutputPath = "s3://${var.artifacts_bucket.name}/models/" },
        var.shared.kms_key_arn == null ? {} : { KmsKeyId = var.shared.kms_key_arn },
      )
      ResourceConfig = merge(
        {
          InstanceCount  = var.training.instance_count
          InstanceType   = var.training.instance_type
          VolumeSizeInGB = var.training.volume_size
        },
        var.shared.kms_key_arn == null || local.has_local_disks ? {} : { VolumeKmsKeyId = var.shared.kms_key_arn },
      )
      RoleArn = module.role.arn
      StoppingCondition = merge(
        { MaxRuntimeInSeconds = var.training.max_runtime_seconds },
        local.spot ? { MaxWaitTimeInSeconds = var.training.spot_max_wait_seconds } : {},
      )
    },
    local.spot ? { EnableManagedSpotTraining = true } : {},
    var.training.network_isolation ? { EnableNetworkIsolation = true } : {},
    var.training.encrypt_inter_container_traffic ? { EnableInterContainerTrafficEncryption = true } : {},
    length(var.shared.tags) == 0 ? {} : { Tags = [for key, value in var.shared.tags : { Key = key, Value = value }] },
    var.shared.vpc == null ? {} : { VpcConfig = { SecurityGroupIds = var.shared.vpc.security_group_ids, Subnets = var.shared.vpc.subnet_ids } },
  )
}
