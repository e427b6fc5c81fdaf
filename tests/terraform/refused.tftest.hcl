# Every combination that BlazingText, SageMaker or another service would refuse is refused by `terraform plan`.

mock_provider "aws" {
  source = "./tests/terraform/mocks"
}

variables {
  name       = "reviews"
  corpus     = { text_column = "body", label_column = "stars" }
  preprocess = { package = { bucket = "packages", key = "preprocess.zip", object_version = "1" } }
  training   = { mode = "skipgram" }
}

run "name_too_long" {
  command = plan

  variables {
    name = "reviews-of-all-hotels"
  }

  expect_failures = [var.name]
}

run "name_in_upper_case" {
  command = plan

  variables {
    name = "Reviews"
  }

  expect_failures = [var.name]
}

run "name_with_two_hyphens" {
  command = plan

  variables {
    name = "my--reviews"
  }

  expect_failures = [var.name]
}

run "text_column_empty" {
  command = plan

  variables {
    corpus = { text_column = "" }
  }

  expect_failures = [var.corpus]
}

run "one_column_for_both" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "body" }
  }

  expect_failures = [var.corpus]
}

run "label_map_of_nothing" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { " " = "1", bad = "0" } }
  }

  expect_failures = [var.corpus]
}

run "label_column_without_a_name" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "" }
  }

  expect_failures = [var.corpus]
}

run "label_map_to_ideographic_space" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { "1" = "very　bad", "5" = "good" } }
  }

  expect_failures = [var.corpus]
}

run "delimiter_that_is_a_letter" {
  command = plan

  variables {
    corpus = { text_column = "body", delimiter = "x" }
  }

  expect_failures = [var.corpus]
}

run "delimiter_that_is_no_ascii" {
  command = plan

  variables {
    corpus = { text_column = "body", delimiter = "、" }
  }

  expect_failures = [var.corpus]
}

run "delimiter_that_is_a_quote" {
  command = plan

  variables {
    corpus = { text_column = "body", delimiter = "\"" }
  }

  expect_failures = [var.corpus]
}

run "escape_that_is_a_letter" {
  command = plan

  variables {
    corpus = { text_column = "body", escape = "n" }
  }

  expect_failures = [var.corpus]
}

run "escape_that_is_the_delimiter" {
  command = plan

  variables {
    corpus = { text_column = "body", escape = "," }
  }

  expect_failures = [var.corpus]
}

run "columns_of_nothing" {
  command = plan

  variables {
    corpus = { text_column = "body", columns = [] }
  }

  expect_failures = [var.corpus]
}

run "columns_twice" {
  command = plan

  variables {
    corpus = { text_column = "body", columns = ["body", "body"] }
  }

  expect_failures = [var.corpus]
}

run "columns_without_a_name" {
  command = plan

  variables {
    corpus = { text_column = "body", columns = ["body", ""] }
  }

  expect_failures = [var.corpus]
}

run "columns_without_the_text" {
  command = plan

  variables {
    corpus = { text_column = "body", columns = ["stars"] }
  }

  expect_failures = [var.corpus]
}

run "columns_without_the_label" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", columns = ["body"] }
  }

  expect_failures = [var.corpus]
}

run "show_values_below_zero" {
  command = plan

  variables {
    corpus = { text_column = "body", show_values = -1 }
  }

  expect_failures = [var.corpus]
}

run "show_values_too_many" {
  command = plan

  variables {
    corpus = { text_column = "body", show_values = 101 }
  }

  expect_failures = [var.corpus]
}

run "show_values_of_a_half" {
  command = plan

  variables {
    corpus = { text_column = "body", show_values = 0.5 }
  }

  expect_failures = [var.corpus]
}

run "label_map_to_white_space" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { "1" = "very bad", "5" = "good" } }
  }

  expect_failures = [var.corpus]
}

run "label_map_to_a_label_prefix" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { "1" = "__label__0", "5" = "good" } }
  }

  expect_failures = [var.corpus]
}

run "label_map_over_the_payload" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { for number in range(1000) : tostring(number) => "${join("", [for _ in range(16) : "語"])}${number}" } }
  }

  expect_failures = [var.corpus]
}

run "label_map_to_one_label" {
  command = plan

  variables {
    corpus = { text_column = "body", label_column = "stars", label_map = { "1" = "0", "5" = "0" } }
  }

  expect_failures = [var.corpus]
}

run "validation_fraction_of_percents" {
  command = plan

  variables {
    corpus = { text_column = "body", validation_fraction = 10 }
  }

  expect_failures = [var.corpus]
}

run "delimiter_of_two_characters" {
  command = plan

  variables {
    corpus = { text_column = "body", delimiter = "||" }
  }

  expect_failures = [var.corpus]
}

run "encoding_unknown" {
  command = plan

  variables {
    corpus = { text_column = "body", encoding = "shift_jis" }
  }

  expect_failures = [var.corpus]
}

run "input_bucket_as_a_url" {
  command = plan

  variables {
    input = { bucket = { name = "s3://exports" } }
  }

  expect_failures = [var.input]
}

run "input_prefix_with_a_slash_first" {
  command = plan

  variables {
    input = { prefix = "/exports/" }
  }

  expect_failures = [var.input]
}

run "input_prefix_with_a_wildcard" {
  command = plan

  variables {
    input = { prefix = "exports/*" }
  }

  expect_failures = [var.input]
}

run "input_prefix_with_a_quote" {
  command = plan

  variables {
    input = { prefix = "exports'/" }
  }

  expect_failures = [var.input]
}

run "input_prefix_with_a_backslash" {
  command = plan

  variables {
    input = { prefix = "exports\\" }
  }

  expect_failures = [var.input]
}

run "input_suffix_with_a_wildcard" {
  command = plan

  variables {
    input = { suffixes = [".c*"] }
  }

  expect_failures = [var.input]
}

run "input_suffix_too_complex_for_eventbridge" {
  command = plan

  variables {
    input = { prefix = "daily/", suffixes = [".a.a.a.a"] }
  }

  expect_failures = [var.input]
}

run "input_marker_that_is_a_file" {
  command = plan

  variables {
    input = { marker = "done.CSV" }
  }

  expect_failures = [var.input]
}

run "input_suffixes_empty" {
  command = plan

  variables {
    input = { suffixes = [] }
  }

  expect_failures = [var.input]
}

run "input_marker_with_a_path" {
  command = plan

  variables {
    input = { marker = "done/_SUCCESS" }
  }

  expect_failures = [var.input]
}

run "input_that_nothing_starts" {
  command = plan

  variables {
    input = { each_file = false, marker = "" }
  }

  expect_failures = [var.input]
}

run "input_without_events" {
  command = plan

  variables {
    input = { manage_notification = false }
  }

  expect_failures = [var.input]
}

run "input_key_alias" {
  command = plan

  variables {
    input = { bucket = { name = "exports", kms_key_arn = "alias/exports" } }
  }

  expect_failures = [var.input]
}

run "key_alias" {
  command = plan

  variables {
    kms_key_arn = "alias/reviews"
  }

  expect_failures = [var.kms_key_arn]
}

run "failure_topic_name" {
  command = plan

  variables {
    failure_topic = { arn = "alerts" }
  }

  expect_failures = [var.failure_topic]
}

run "log_retention_of_ten_days" {
  command = plan

  variables {
    log_retention_days = 10
  }

  expect_failures = [var.log_retention_days]
}

run "boundary_name" {
  command = plan

  variables {
    permissions_boundary_arn = "boundary"
  }

  expect_failures = [var.permissions_boundary_arn]
}

run "runs_that_expire_at_once" {
  command = plan

  variables {
    runs_expiration_days = 0
  }

  expect_failures = [var.runs_expiration_days]
}

run "tag_of_aws" {
  command = plan

  variables {
    tags = { "aws:team" = "nlp" }
  }

  expect_failures = [var.tags]
}

run "tag_of_step_functions" {
  command = plan

  variables {
    tags = { MANAGED_BY_AWS = "me" }
  }

  expect_failures = [var.tags]
}

run "vpc_without_security_group" {
  command = plan

  variables {
    vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] }
  }

  expect_failures = [var.vpc]
}

run "memory_too_small" {
  command = plan

  variables {
    preprocess = { memory_size = 512 }
  }

  expect_failures = [var.preprocess]
}

run "timeout_over_lambdas" {
  command = plan

  variables {
    preprocess = { timeout = 1800 }
  }

  expect_failures = [var.preprocess]
}

run "ephemeral_storage_too_small" {
  command = plan

  variables {
    preprocess = { ephemeral_storage_size = 100 }
  }

  expect_failures = [var.preprocess]
}

run "map_without_concurrency" {
  command = plan

  variables {
    preprocess = { max_concurrency = 0 }
  }

  expect_failures = [var.preprocess]
}

run "every_failure_tolerated" {
  command = plan

  variables {
    preprocess = { tolerated_failure_percentage = 100 }
  }

  expect_failures = [var.preprocess]
}

run "concurrency_of_none" {
  command = plan

  variables {
    preprocess = { reserved_concurrency = 0 }
  }

  expect_failures = [var.preprocess]
}

run "runtime_without_wheels" {
  command = plan

  variables {
    preprocess = { runtime = "python3.9" }
  }

  expect_failures = [var.preprocess]
}

run "architecture_unknown" {
  command = plan

  variables {
    preprocess = { architecture = "amd64" }
  }

  expect_failures = [var.preprocess]
}

run "user_dictionary_missing" {
  command = plan

  variables {
    preprocess = { user_dictionary = "./no-such-words.csv" }
  }

  expect_failures = [var.preprocess]
}

run "package_that_is_not_pinned" {
  command = plan

  variables {
    preprocess = { package = { bucket = "packages", key = "preprocess.zip" } }
  }

  expect_failures = [var.preprocess]
}

run "package_with_a_hexadecimal_hash" {
  command = plan

  variables {
    preprocess = { package = { bucket = "packages", key = "preprocess.zip", source_code_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" } }
  }

  expect_failures = [var.preprocess]
}

run "user_dictionary_with_a_package" {
  command = plan

  variables {
    preprocess = { user_dictionary = "./main.tf", package = { bucket = "packages", key = "preprocess.zip", object_version = "1" } }
  }

  expect_failures = [var.preprocess]
}

run "split_mode_unknown" {
  command = plan

  variables {
    tokenizer = { split_mode = "D" }
  }

  expect_failures = [var.tokenizer]
}

run "token_form_unknown" {
  command = plan

  variables {
    tokenizer = { token_form = "lemma" }
  }

  expect_failures = [var.tokenizer]
}

run "stop_word_with_a_space" {
  command = plan

  variables {
    tokenizer = { stop_words = ["これ は"] }
  }

  expect_failures = [var.tokenizer]
}

run "stop_words_over_the_payload" {
  command = plan

  variables {
    # 37,000 characters, 105,000 bytes.
    tokenizer = { stop_words = [for number in range(1000) : "${join("", [for _ in range(34) : "の"])}${format("%03d", number)}"] }
  }

  expect_failures = [var.tokenizer]
}

run "part_of_speech_as_a_string" {
  command = plan

  variables {
    tokenizer = { excluded_parts_of_speech = [[]] }
  }

  expect_failures = [var.tokenizer]
}

run "mode_unknown" {
  command = plan

  variables {
    training = { mode = "fasttext" }
  }

  expect_failures = [var.training]
}

run "supervised_without_labels" {
  command = plan

  variables {
    corpus   = { text_column = "body" }
    training = { mode = "supervised" }
  }

  expect_failures = [var.training]
}

run "mode_as_a_hyperparameter" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { mode = "cbow" } }
  }

  expect_failures = [var.training]
}

run "hyperparameter_unknown" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { dimensions = 100 } }
  }

  expect_failures = [var.training]
}

run "window_size_in_supervised" {
  command = plan

  variables {
    training = { mode = "supervised", hyperparameters = { window_size = 5 } }
  }

  expect_failures = [var.training]
}

run "word_ngrams_in_skipgram" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { word_ngrams = 2 } }
  }

  expect_failures = [var.training]
}

run "batch_size_outside_batch_skipgram" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { batch_size = 11 } }
  }

  expect_failures = [var.training]
}

run "subwords_in_batch_skipgram" {
  command = plan

  variables {
    training = { mode = "batch_skipgram", hyperparameters = { subwords = true } }
  }

  expect_failures = [var.training]
}

run "epochs_of_zero" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { epochs = 0 } }
  }

  expect_failures = [var.training]
}

run "vector_dim_with_a_fraction" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { vector_dim = 99.5 } }
  }

  expect_failures = [var.training]
}

run "min_count_below_zero" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { min_count = -1 } }
  }

  expect_failures = [var.training]
}

run "learning_rate_of_zero" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { learning_rate = 0 } }
  }

  expect_failures = [var.training]
}

run "sampling_threshold_of_one" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { sampling_threshold = 1 } }
  }

  expect_failures = [var.training]
}

run "subwords_of_yes" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { subwords = "yes" } }
  }

  expect_failures = [var.training]
}

run "min_char_over_max_char" {
  command = plan

  variables {
    training = { mode = "skipgram", hyperparameters = { min_char = 7 } }
  }

  expect_failures = [var.training]
}

run "early_stopping_without_validation" {
  command = plan

  variables {
    corpus   = { text_column = "body", label_column = "stars", validation_fraction = 0 }
    training = { mode = "supervised", hyperparameters = { early_stopping = true } }
  }

  expect_failures = [var.training]
}

run "early_stopping_in_word2vec" {
  command = plan

  variables {
    training = { mode = "cbow", hyperparameters = { early_stopping = true } }
  }

  expect_failures = [var.training]
}

run "patience_without_early_stopping" {
  command = plan

  variables {
    training = { mode = "supervised", hyperparameters = { patience = 4 } }
  }

  expect_failures = [var.training]
}

run "min_epochs_without_early_stopping" {
  command = plan

  variables {
    training = { mode = "supervised", hyperparameters = { min_epochs = 5 } }
  }

  expect_failures = [var.training]
}

run "instance_type_of_ec2" {
  command = plan

  variables {
    training = { mode = "skipgram", instance_type = "c5.xlarge" }
  }

  expect_failures = [var.training]
}

run "no_instance" {
  command = plan

  variables {
    training = { mode = "skipgram", instance_count = 0 }
  }

  expect_failures = [var.training]
}

run "several_instances_in_skipgram" {
  command = plan

  variables {
    training = { mode = "skipgram", instance_count = 2 }
  }

  expect_failures = [var.training]
}

run "several_instances_in_supervised" {
  command = plan

  variables {
    training = { mode = "supervised", instance_count = 2 }
  }

  expect_failures = [var.training]
}

run "batch_skipgram_on_gpus" {
  command = plan

  variables {
    training = { mode = "batch_skipgram", instance_type = "ml.p3.2xlarge" }
  }

  expect_failures = [var.training]
}

run "supervised_on_several_gpus" {
  command = plan

  variables {
    training = { mode = "supervised", instance_type = "ml.p3.8xlarge" }
  }

  expect_failures = [var.training]
}

run "accelerator_that_blazingtext_does_not_know" {
  command = plan

  variables {
    training = { mode = "cbow", instance_type = "ml.p4d.24xlarge" }
  }

  expect_failures = [var.training]
}

run "no_volume" {
  command = plan

  variables {
    training = { mode = "skipgram", volume_size = 0 }
  }

  expect_failures = [var.training]
}

run "runtime_over_28_days" {
  command = plan

  variables {
    training = { mode = "skipgram", max_runtime_seconds = 2419201 }
  }

  expect_failures = [var.training]
}

run "spot_wait_over_an_hour" {
  command = plan

  variables {
    training = { mode = "skipgram", spot_max_wait_seconds = 7200 }
  }

  expect_failures = [var.training]
}

run "spot_wait_shorter_than_training" {
  command = plan

  variables {
    training = { mode = "skipgram", max_runtime_seconds = 3600, spot_max_wait_seconds = 1800 }
  }

  expect_failures = [var.training]
}

run "image_outside_ecr" {
  command = plan

  variables {
    training = { mode = "skipgram", image_uri = "blazingtext:1" }
  }

  expect_failures = [var.training]
}
