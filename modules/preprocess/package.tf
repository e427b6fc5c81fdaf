# The deployment package. Sudachi's dictionary makes it larger than Lambda takes in a request, so it goes through S3,
# under a key that carries the hash of all it is made from: a change of source makes a new object, nothing else does.
# The provider reads the zip only when it uploads it, so a machine that never built it plans no change.

locals {
  source_directory = abspath("${path.module}/../../lambda_src")

  sources = setunion(
    fileset(local.source_directory, "preprocess/**/*.{py,txt}"),
    ["build.py", "requirements.txt"],
  )

  fingerprint = sha256(jsonencode({
    architecture    = var.architecture
    runtime         = var.runtime
    sources         = { for file in local.sources : file => filesha256("${local.source_directory}/${file}") }
    user_dictionary = var.user_dictionary == null ? null : filesha256(var.user_dictionary)
  }))

  build = var.package == null
  zip   = "${var.build_directory}/preprocess-${substr(local.fingerprint, 0, 16)}.zip"

  package = {
    bucket         = local.build ? aws_s3_object.package[0].bucket : var.package.bucket
    key            = local.build ? aws_s3_object.package[0].key : var.package.key
    object_version = local.build ? null : var.package.object_version
  }
}

resource "terraform_data" "package" {
  count = local.build ? 1 : 0

  triggers_replace = local.fingerprint

  provisioner "local-exec" {
    command = join(" ", concat(
      ["\"$PYTHON\" \"$BUILD\" --output \"$OUTPUT\" --if-missing --runtime ${var.runtime} --architecture ${var.architecture}"],
      var.user_dictionary == null ? [] : ["--user-dictionary \"$USER_DICTIONARY\""],
    ))

    environment = {
      BUILD           = "${local.source_directory}/build.py"
      OUTPUT          = local.zip
      PYTHON          = var.python
      USER_DICTIONARY = var.user_dictionary == null ? "" : abspath(var.user_dictionary)
    }
  }
}

resource "aws_s3_object" "package" {
  count = local.build ? 1 : 0

  bucket = var.artifacts_bucket.name
  key    = "packages/preprocess-${local.fingerprint}.zip"
  source = local.zip
  tags   = var.tags

  lifecycle {
    # The function runs from the old package until it has the new one.
    create_before_destroy = true
  }

  depends_on = [terraform_data.package]
}
