# BlazingText's hyperparameters: the modes that take each, and the values.
# https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext_hyperparameters.html

locals {
  word2vec = ["batch_skipgram", "cbow", "skipgram"]
  every    = concat(local.word2vec, ["supervised"])

  hyperparameters = {
    batch_size         = { modes = ["batch_skipgram"], type = "positive integer" }
    buckets            = { modes = ["cbow", "skipgram", "supervised"], type = "positive integer" }
    early_stopping     = { modes = ["supervised"], type = "boolean" }
    epochs             = { modes = local.every, type = "positive integer" }
    evaluation         = { modes = local.word2vec, type = "boolean" }
    learning_rate      = { modes = local.every, type = "positive float" }
    max_char           = { modes = ["cbow", "skipgram"], type = "positive integer" }
    min_char           = { modes = ["cbow", "skipgram"], type = "positive integer" }
    min_count          = { modes = local.every, type = "non-negative integer" }
    min_epochs         = { modes = ["supervised"], type = "positive integer" }
    negative_samples   = { modes = local.word2vec, type = "positive integer" }
    patience           = { modes = ["supervised"], type = "positive integer" }
    sampling_threshold = { modes = local.word2vec, type = "positive fraction" }
    subwords           = { modes = ["cbow", "skipgram"], type = "boolean" }
    vector_dim         = { modes = local.every, type = "positive integer" }
    window_size        = { modes = local.word2vec, type = "positive integer" }
    word_ngrams        = { modes = ["supervised"], type = "positive integer" }
  }

  # Of each type, the strings that are of it, and what to write, in the words of the messages of `var.training`.
  hyperparameter_types = {
    "boolean"              = { pattern = "^(true|false)$", write = "true or false" }
    "non-negative integer" = { pattern = "^[0-9]+$", write = "a whole number, 0 or more" }
    "positive float"       = { pattern = "^([0-9]*[1-9][0-9]*(\\.[0-9]*)?|[0-9]*\\.[0-9]*[1-9][0-9]*)(e[+-]?[0-9]+)?$", write = "a number above 0" }
    "positive fraction"    = { pattern = "^(0?\\.[0-9]*[1-9][0-9]*|[1-9](\\.[0-9]+)?e-[0-9]+)$", write = "a number above 0 and below 1" }
    "positive integer"     = { pattern = "^0*[1-9][0-9]*$", write = "a whole number, 1 or more" }
  }

  hyperparameters_by_mode = {
    for mode in local.every : mode => [for name, rule in local.hyperparameters : name if contains(rule.modes, mode)]
  }

  hyperparameter_rules = { for name, rule in local.hyperparameters : name => local.hyperparameter_types[rule.type] }
}
