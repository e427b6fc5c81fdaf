# A role that one service assumes for this account, with one policy.

resource "aws_iam_role" "this" {
  # IAM knows no regions: without its region in the name, the module could stand only once in an account.
  name                 = "${var.shared.name}-${var.name}-${var.shared.region}"
  description          = var.description
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.shared.permissions_boundary_arn
  tags                 = var.shared.tags
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = [var.service]
    }

    # Nobody else's resources may make the service act here: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.shared.account_id]
    }

    dynamic "condition" {
      for_each = length(var.source_arns) == 0 ? [] : [var.source_arns]

      content {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = condition.value
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = var.name
  role   = aws_iam_role.this.name
  policy = var.policy
}
