# Which keys start a run: for each rule, by the end of its name, matchers of which one has to match.
#
# A `prefix` and a `suffix` in one list match either, so a key that has to have both takes a wildcard. Wildcards are
# dear: EventBridge refuses a rule whose pattern has too many ("Rule is too complex"), and where that begins is not
# documented. On the scale of https://github.com/aws/event-ruler (MachineComplexityEvaluator) a rule of 9 is known to be
# accepted and one of 12 to be refused. One wildcard is as complex as the most frequent character of what follows the
# `*`, and one more, so with a prefix each suffix has a rule of its own, and none is above 4.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

locals {
  # Of two suffixes of which one ends in the other, the shorter says it all; both would start two runs for one object.
  suffixes = toset([
    for suffix in var.input.suffixes : lower(suffix)
    if !anytrue([for other in var.input.suffixes : endswith(lower(suffix), lower(other)) && lower(suffix) != lower(other)])
  ])

  patterns = { for rule, matchers in var.input.prefix == "" ? local.anywhere : local.below_prefix : rule => matchers if matchers != "[]" }

  anywhere = {
    "" = jsonencode(concat(
      [for suffix in local.suffixes : { suffix = { equals-ignore-case = suffix } }],
      [for marker in local.markers : { suffix = "/${marker}" }],
      local.markers,
    ))
  }

  # A wildcard has no `equals-ignore-case`, hence two rules for a suffix.
  below_prefix = merge(
    { for suffix in local.suffixes : suffix => jsonencode([{ wildcard = "${var.input.prefix}*${suffix}" }]) },
    {
      for suffix in local.suffixes : "${suffix}-capitals" => jsonencode([{ wildcard = "${var.input.prefix}*${upper(suffix)}" }])
      if upper(suffix) != suffix
    },
    {
      "-folder" = jsonencode(concat(
        [for marker in local.markers : { wildcard = "${var.input.prefix}*/${marker}" }],
        [for marker in local.markers : "${var.input.prefix}${marker}"],
      ))
    },
  )

  markers = compact([var.input.marker])
}
