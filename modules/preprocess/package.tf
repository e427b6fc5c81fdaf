# The deployment package. Sudachi's dictionary makes it larger than Lambda takes in a request, so it goes through S3,
# under a key that carries the hash of all it is made from: a change of source makes a new object, nothing else does.
# The provider reads the zip only when it uploads it, so a machine that never built it plans no change.

locals {
  source_directory = abspath("${path.module}/../../lambda_src")

  sources = setunion(
    fileset(local.source_directory, "{builder,preprocess}/**/*.{py,txt}"),
    ["build.py", "requirements.txt"],
  )

  fingerprint = sha256(jsonencode({
    architecture    = var.settings.architecture
    runtime         = var.settings.runtime
    sources         = { for file in local.sources : file => filesha256("${local.source_directory}/${file}") }
    user_dictionary = var.settings.user_dictionary == null ? null : filesha256(var.settings.user_dictionary)
  }))

  build           = var.settings.package == null
  build_directory = coalesce(var.settings.build_directory, "${path.root}/.terraform/blazingtext-ja")
  zip             = "${local.build_directory}/preprocess-${substr(local.fingerprint, 0, 16)}.zip"

  # On Windows, Python's installer brings no `python3`.
  python = coalesce(var.settings.python, can(regex("^[A-Za-z]:", abspath(path.root))) ? "python" : "python3")

  package = local.build ? {
    bucket           = aws_s3_object.package[0].bucket
    key              = aws_s3_object.package[0].key
    object_version   = aws_s3_object.package[0].version_id
    source_code_hash = null
  } : var.settings.package
}

resource "terraform_data" "package" {
  count = local.build ? 1 : 0

  # Of no use to the build, which so starts only when the bucket is there: less is lost where an apply ends early.
  input            = var.artifacts_bucket.name
  triggers_replace = local.fingerprint

  # An interpreter and its arguments, and no shell, which differ. Terraform adds the command as the last argument, and
  # shows it where the interpreter can't be started.
  provisioner "local-exec" {
    command = "This takes Python 3.9 or later with pip. Install it, or name yours as preprocess.python, or build the package elsewhere and name it as preprocess.package: see docs/troubleshooting.md."

    interpreter = concat(
      [local.python, "${local.source_directory}/build.py", "--if-missing"],
      ["--output", local.zip, "--runtime", var.settings.runtime, "--architecture", var.settings.architecture],
      var.settings.user_dictionary == null ? [] : ["--user-dictionary", abspath(var.settings.user_dictionary)],
    )
  }
}

resource "aws_s3_object" "package" {
  count = local.build ? 1 : 0

  bucket = var.artifacts_bucket.name
  key    = "packages/preprocess-${local.fingerprint}.zip"
  source = local.zip

  # An object takes 10 tags, the provider's default_tags included, where resources take 50; one that has more can't be
  # uploaded. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
  override_provider {
    default_tags {
      tags = {}
    }
  }

  lifecycle {
    # The function runs from the old package until it has the new one.
    create_before_destroy = true
  }

  depends_on = [terraform_data.package]
}
