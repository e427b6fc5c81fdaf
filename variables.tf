variable "corpus" {
  description = <<-EOT
    What the files look like, and what is learned from them.

    - `text_column`: (Required) Column that holds the text.
    - `label_column`: (Optional) Column that holds the label: an integer, or a text that `label_map` maps. Required in `supervised` mode, unused in the others.
    - `label_map`: (Optional) What becomes of each label, e.g. `{ "1" = "negative", "2" = "negative", "4" = "positive", "5" = "positive" }`. If a key is no integer, labels are texts: `{ "良い" = "1", "悪い" = "0" }`. A row whose label is not in the map is dropped and counted. `null` keeps integers as they are.
    - `validation_fraction`: (Optional) Share of the rows held back for the validation channel in `supervised` mode, from 0 to 0.5. BlazingText takes no validation channel in the other modes. Default `0.1`.
    - `delimiter`: (Optional) What stands between two columns; `"\t"` for TSV. Default `","`.
    - `quoting`: (Optional) Whether fields may stand in double quotes. `false` takes quotes as text. Default `true`.
    - `escape`: (Optional) What makes the next character an ordinary one, where quotes are not doubled: `"\\"` as Spark, MySQL and Cloud SQL write it, with `\N` as no value. Default `null`.
    - `columns`: (Optional) Names of all columns in their order, for tables without a header, e.g. `["star_rating", "review_body"]`. `null` takes them from the first line.
    - `encoding`: (Optional) `utf-8` (with or without a byte order mark), `utf-16`, `cp932`, `euc_jp` or `iso2022_jp`. Default `"utf-8"`.
    - `show_values`: (Optional) Characters that an error may show of a value that is no label, from 0 to 100. Errors stand in the execution's history, in the announcement and in the logs, and such a value is text. Default `10`.
  EOT
  type = object({
    text_column         = string
    label_column        = optional(string)
    label_map           = optional(map(string))
    validation_fraction = optional(number, 0.1)
    delimiter           = optional(string, ",")
    quoting             = optional(bool, true)
    escape              = optional(string)
    columns             = optional(list(string))
    encoding            = optional(string, "utf-8")
    show_values         = optional(number, 10)
  })
  nullable = false

  validation {
    condition     = try(length(var.corpus.text_column) > 0, false)
    error_message = "corpus.text_column is empty: write the name of the column that holds the text, as the header spells it."
  }

  validation {
    condition     = try(length(var.corpus.label_column) > 0, true)
    error_message = "corpus.label_column is empty: write the name of the column that holds the label, as the header spells it, or leave it out."
  }

  validation {
    condition     = var.corpus.label_column == null || var.corpus.label_column != var.corpus.text_column
    error_message = "corpus.label_column and corpus.text_column are the same column: write the column of the label and that of the text."
  }

  validation {
    condition     = var.corpus.label_map == null ? true : length(var.corpus.label_map) > 0 && alltrue([for label in keys(var.corpus.label_map) : trimspace(label) != ""])
    error_message = "corpus.label_map maps labels as the file spells them: write keys like \"1\" or \"-1\", or texts like \"良い\", none of them empty."
  }

  validation {
    # What Unicode has of letters, marks, numbers, punctuation and symbols; what is left is white space and control.
    condition     = alltrue([for label in values(coalesce(var.corpus.label_map, {})) : can(regex("^[\\pL\\pM\\pN\\pP\\pS]+$", label)) && try(!strcontains(label, "__label__"), false)])
    error_message = "corpus.label_map maps to words: write values without white space, invisible characters and \"__label__\", which BlazingText's format brings itself."
  }

  validation {
    # As for tokenizer.stop_words.
    condition     = length(base64encode(jsonencode(coalesce(var.corpus.label_map, {})))) * 3 / 4 <= 50000
    error_message = "corpus.label_map takes more than 50,000 bytes, too many for a state machine's payload: leave out the labels that stay as they are, by joining rare ones in the table."
  }

  validation {
    condition     = var.corpus.label_map == null || length(distinct(values(coalesce(var.corpus.label_map, {})))) > 1
    error_message = "corpus.label_map leaves fewer than two labels, and there is nothing to tell apart: map to two labels or more."
  }

  validation {
    condition     = var.corpus.validation_fraction >= 0 && var.corpus.validation_fraction <= 0.5
    error_message = "corpus.validation_fraction is a share of the rows: write a number from 0 (no validation channel) to 0.5."
  }

  validation {
    # Control characters, too: Hive, Spark and Athena write tables delimited by U+0001.
    condition     = can(regex("^[\\x01-\\x7f]$", var.corpus.delimiter)) && !can(regex("[0-9A-Za-z\"\\r\\n]", var.corpus.delimiter))
    error_message = "corpus.delimiter is one ASCII character, no letter, digit, quote or line end: write \",\" for CSV or \"\\t\" for TSV."
  }

  validation {
    condition     = var.corpus.escape == null ? true : can(regex("^[\\x01-\\x09\\x0b\\x0c\\x0e-\\x21\\x23-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f]$", var.corpus.escape)) && var.corpus.escape != var.corpus.delimiter
    error_message = "corpus.escape is one ASCII character that is no letter, digit, quote or line end, and not the delimiter: write \"\\\\\" for a backslash, or leave it out where quotes are doubled."
  }

  validation {
    condition     = var.corpus.columns == null ? true : length(var.corpus.columns) > 0 && alltrue([for name in var.corpus.columns : try(length(name) > 0, false)]) && length(distinct(var.corpus.columns)) == length(var.corpus.columns)
    error_message = "corpus.columns names all columns of a table without a header, in their order: write each name once, or leave it out where the first line names them."
  }

  validation {
    condition     = var.corpus.columns == null ? true : try(contains(var.corpus.columns, var.corpus.text_column), false) && (var.corpus.label_column == null ? true : try(contains(var.corpus.columns, var.corpus.label_column), false))
    error_message = "corpus.columns must hold corpus.text_column and corpus.label_column: write the names of all columns, in their order."
  }

  validation {
    condition     = var.corpus.show_values >= 0 && var.corpus.show_values <= 100 && floor(var.corpus.show_values) == var.corpus.show_values
    error_message = "corpus.show_values is a number of characters: write a whole number from 0 (show none) to 100."
  }

  validation {
    condition     = contains(["utf-8", "utf-16", "cp932", "euc_jp", "iso2022_jp"], var.corpus.encoding)
    error_message = "corpus.encoding must be \"utf-8\", \"utf-16\", \"cp932\" (what Windows calls Shift_JIS), \"euc_jp\" or \"iso2022_jp\"."
  }
}

variable "failure_topic" {
  description = "SNS topic to announce failed runs on, as `{ arn = aws_sns_topic.alerts.arn }`. `null` creates one. Its policy, and that of its key, must let `events.amazonaws.com` publish: see docs/permissions.md."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.failure_topic == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.failure_topic.arn))
    error_message = "failure_topic.arn must be the ARN of a standard SNS topic, like \"arn:aws:sns:us-east-1:111122223333:alerts\"."
  }
}

variable "force_destroy" {
  description = "Let `terraform destroy` delete buckets that still hold objects, models included."
  type        = bool
  default     = false
  nullable    = false
}

variable "input" {
  description = <<-EOT
    Where files arrive.

    - `bucket`: (Optional) An existing bucket: its `name`, and the `kms_key_arn` of its key where it is not `var.kms_key_arn`. `null` creates one.
    - `prefix`: (Optional) Only objects whose keys start so are read, e.g. `"exports/"`. Default `""`.
    - `suffixes`: (Optional) Only objects whose keys end so, in capitals or not, are read. Default `[".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".tsv", ".tsv.gz"]`.
    - `each_file`: (Optional) Start a run for each such object. Write `false` where files arrive as folders that a marker closes, which would otherwise start a run a file besides. Default `true`.
    - `marker`: (Optional) Name of the object that closes a folder, as Spark and Athena write it; it starts one run over all files below the folder, except empty and hidden ones (a part of whose key below the folder starts with `_` or `.`). `""` for none. Default `"_SUCCESS"`.
    - `manage_notification`: (Optional) Switch the bucket's EventBridge notifications on. This replaces every notification that the bucket has, so for a bucket that has some write `false` and switch EventBridge on where they are managed. Default `true`.
  EOT
  type = object({
    bucket              = optional(object({ name = string, kms_key_arn = optional(string) }))
    prefix              = optional(string, "")
    suffixes            = optional(list(string), [".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".tsv", ".tsv.gz"])
    each_file           = optional(bool, true)
    marker              = optional(string, "_SUCCESS")
    manage_notification = optional(bool, true)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.input.bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.input.bucket.name))
    error_message = "input.bucket.name must be the bare name of an S3 bucket: write \"my-bucket\", not a URL or an ARN."
  }

  validation {
    condition     = try(var.input.bucket.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.input.bucket.kms_key_arn))
    error_message = "input.bucket.kms_key_arn must be the ARN of a KMS key (not of an alias), like \"arn:aws:kms:us-east-1:111122223333:key/1234abcd-...\"."
  }

  validation {
    condition     = !startswith(var.input.prefix, "/") && !can(regex("[*\\\\'\"\\x00-\\x1f]", var.input.prefix))
    error_message = "input.prefix is the start of a key: write it without a leading \"/\" and without \"*\", \"\\\" or quotes, e.g. \"exports/\"."
  }

  validation {
    # They end the names of EventBridge's rules, which hold 64 characters.
    condition     = length(var.input.suffixes) > 0 && alltrue([for suffix in var.input.suffixes : can(regex("^[A-Za-z0-9_.-]{1,20}$", suffix))])
    error_message = "input.suffixes needs one ending or more, each of 1 to 20 letters, digits, \"_\", \".\" and \"-\": write e.g. [\".csv\"]."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]*$", var.input.marker))
    error_message = "input.marker is the bare name of an object: write letters, digits, \"_\", \".\" and \"-\", like \"_SUCCESS\", or \"\" for none."
  }

  validation {
    # What makes a rule too complex for EventBridge: see modules/trigger/patterns.tf.
    condition = var.input.prefix == "" || alltrue([
      for end in concat([for suffix in var.input.suffixes : lower(suffix)], [var.input.marker]) :
      alltrue([for character in distinct(split("", end)) : length(split(character, end)) <= 4])
    ])
    error_message = "input.suffixes or input.marker repeats a character more than three times, which makes EventBridge's rule too complex where there is an input.prefix: write shorter endings, or leave input.prefix out."
  }

  validation {
    condition     = var.input.marker == "" || !anytrue([for suffix in var.input.suffixes : endswith(lower(var.input.marker), lower(suffix))])
    error_message = "input.marker ends in one of input.suffixes, so that it would start a run as a file and one as a marker: write another name."
  }

  validation {
    condition     = var.input.each_file || var.input.marker != ""
    error_message = "input.each_file = false and input.marker = \"\" leave nothing that starts a run: let one of them."
  }

  validation {
    condition     = var.input.manage_notification || var.input.bucket != null
    error_message = "input.manage_notification = false leaves the bucket that the module creates without events: leave it out, or name the existing bucket as input.bucket = { name = ... }."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts everything the module stores: buckets, training volume, model, logs, announcements and dead letters. Its policy must let CloudWatch Logs, EventBridge and alarms use it: see docs/permissions.md. `null` uses the services' own keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (not of an alias), like \"arn:aws:kms:us-east-1:111122223333:key/1234abcd-...\"."
  }
}

variable "log_retention_days" {
  description = "Days that logs are kept. They hold names, counts and errors, no text."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "name" {
  description = "Start of every name the module gives, so that two copies can live in one account. At most 20 characters: SageMaker's job names hold 63, and a run's id takes 24."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9]){1,19}$", var.name)) && length(var.name) <= 20
    error_message = "name must have 2 to 20 characters, lower-case letters, digits and single hyphens, and start with a letter, e.g. \"reviews-ja\"."
  }
}

variable "permissions_boundary_arn" {
  description = "IAM policy that bounds the permissions of every role made here. `null` sets none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy, like \"arn:aws:iam::111122223333:policy/boundary\"."
  }
}

variable "preprocess" {
  description = <<-EOT
    The function that validates and tokenizes.

    - `memory_size`: (Optional) MB of memory, 1024 to 10240. Every 1,769 MB bring one vCPU, and all of them tokenize. Default `3008`, the most that a new account may have.
    - `timeout`: (Optional) Seconds that one file may take, 60 to 900. Default `900`.
    - `ephemeral_storage_size`: (Optional) MB of `/tmp`, 512 to 10240; the unpacked dictionary takes 210. Default `512`.
    - `max_concurrency`: (Optional) Files of a folder that are worked on at a time, 1 to 10000; an account runs 1,000 functions at a time unless it has asked for more. Default `100`.
    - `tolerated_failure_percentage`: (Optional) Share of a folder's files, in percent, that may be bad; they are skipped and reported. Default `0`: one bad file fails the run.
    - `reserved_concurrency`: (Optional) Most copies of the function that run at a time. Default `-1`, no limit.
    - `runtime`: (Optional) `python3.11` to `python3.14`. `python3.14` takes version 6.20 of the AWS provider or later; `python3.11` stands on Amazon Linux 2, which is out of support since June 2026. Where the machine that applies has the same Python, the function starts a second faster. Default `"python3.13"`.
    - `architecture`: (Optional) `x86_64` or `arm64`. Default `"x86_64"`.
    - `user_dictionary`: (Optional) Path of a CSV file of domain words in Sudachi's user dictionary format; it is compiled into the package.
    - `package`: (Optional) A package built elsewhere with `lambda_src/build.py`, as an S3 object: `bucket`, `key`, and `object_version` or `source_code_hash`. `null` builds it while applying, which takes Python with pip and a minute.
    - `python`: (Optional) Command that runs Python (3.9 or later, with pip) on the machine that applies. Default `"python3"`, on Windows `"python"`.
    - `build_directory`: (Optional) Where the package is built. Default `.terraform/blazingtext-ja` in the root module.
  EOT
  type = object({
    memory_size                  = optional(number, 3008)
    timeout                      = optional(number, 900)
    ephemeral_storage_size       = optional(number, 512)
    max_concurrency              = optional(number, 100)
    tolerated_failure_percentage = optional(number, 0)
    reserved_concurrency         = optional(number, -1)
    runtime                      = optional(string, "python3.13")
    architecture                 = optional(string, "x86_64")
    user_dictionary              = optional(string)
    package                      = optional(object({ bucket = string, key = string, object_version = optional(string), source_code_hash = optional(string) }))
    python                       = optional(string)
    build_directory              = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.preprocess.memory_size >= 1024 && var.preprocess.memory_size <= 10240 && floor(var.preprocess.memory_size) == var.preprocess.memory_size
    error_message = "preprocess.memory_size must be a whole number of MB from 1024 (below that the tokenizer has no room) to 10240."
  }

  validation {
    condition     = var.preprocess.timeout >= 60 && var.preprocess.timeout <= 900
    error_message = "preprocess.timeout must be from 60 to 900 seconds, Lambda's limit. A file that takes longer has to be split."
  }

  validation {
    condition     = var.preprocess.ephemeral_storage_size >= 512 && var.preprocess.ephemeral_storage_size <= 10240
    error_message = "preprocess.ephemeral_storage_size must be from 512 to 10240 MB."
  }

  validation {
    condition     = var.preprocess.max_concurrency >= 1 && var.preprocess.max_concurrency <= 10000 && floor(var.preprocess.max_concurrency) == var.preprocess.max_concurrency
    error_message = "preprocess.max_concurrency must be a whole number from 1 to 10000, what a Distributed Map takes."
  }

  validation {
    condition     = var.preprocess.tolerated_failure_percentage >= 0 && var.preprocess.tolerated_failure_percentage < 100
    error_message = "preprocess.tolerated_failure_percentage must be from 0 (every file counts) to below 100."
  }

  validation {
    condition     = var.preprocess.reserved_concurrency == -1 || var.preprocess.reserved_concurrency >= 1
    error_message = "preprocess.reserved_concurrency must be -1 (no limit) or at least 1; 0 would let no file through."
  }

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13", "python3.14"], var.preprocess.runtime)
    error_message = "preprocess.runtime must be \"python3.11\", \"python3.12\", \"python3.13\" or \"python3.14\": the pinned packages have wheels for these."
  }

  validation {
    condition     = contains(["x86_64", "arm64"], var.preprocess.architecture)
    error_message = "preprocess.architecture must be \"x86_64\" or \"arm64\"."
  }

  validation {
    condition     = var.preprocess.user_dictionary == null || try(fileexists(var.preprocess.user_dictionary), false)
    error_message = "preprocess.user_dictionary names a file that is not there: write its path, e.g. \"$${path.module}/words.csv\"."
  }

  validation {
    # Lambda looks at the object again only when something of the function's own changes.
    condition     = var.preprocess.package == null || try(var.preprocess.package.object_version != null || var.preprocess.package.source_code_hash != null, false)
    error_message = "preprocess.package names an object that may be replaced without the function noticing. Pin it: write object_version, which `aws s3api head-object --bucket BUCKET --key KEY --query VersionId` tells of a bucket with versions, or source_code_hash, which build.py ends with (the SHA-256 of the zip, in base 64)."
  }

  validation {
    condition     = try(var.preprocess.package.source_code_hash, null) == null || can(regex("^[A-Za-z0-9+/]{43}=$", var.preprocess.package.source_code_hash))
    error_message = "preprocess.package.source_code_hash is the SHA-256 of the zip in base 64, which ends with \"=\": write what build.py ends with, or base64sha256 of the bytes, not the hexadecimal digits of sha256sum."
  }

  validation {
    condition     = var.preprocess.user_dictionary == null || var.preprocess.package == null
    error_message = "preprocess.user_dictionary is compiled while the package is built: leave preprocess.package out, or build the package with `build.py --user-dictionary`."
  }
}

variable "runs_expiration_days" {
  description = "Days after which a run's channels and report expire; models stay. `null` keeps them. Versions that were replaced, as the shards of a folder are by its corpus, and unfinished uploads go after a day in any case."
  type        = number
  default     = 30

  validation {
    condition     = var.runs_expiration_days == null || (try(var.runs_expiration_days >= 1, false) && try(floor(var.runs_expiration_days) == var.runs_expiration_days, false))
    error_message = "runs_expiration_days must be a whole number of days, at least 1, or null to keep runs."
  }
}

variable "tags" {
  description = "Tags of every resource, training jobs included."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 49 && !anytrue([for key in keys(var.tags) : startswith(lower(key), "aws:") || key == "MANAGED_BY_AWS"])
    error_message = "tags takes 49 tags at most, none of which starts with \"aws:\" or is \"MANAGED_BY_AWS\": Step Functions adds that one to its training jobs."
  }
}

variable "tokenizer" {
  description = <<-EOT
    How Sudachi cuts text into tokens, and which are kept.

    - `split_mode`: (Optional) `A` (short units), `B` or `C` (named entities whole). Default `"C"`.
    - `token_form`: (Optional) `surface` (as written), `normalized` (spelling variants become one) or `dictionary` (inflected words become one). Default `"surface"`.
    - `stop_words`: (Optional) Tokens to drop, in the chosen form. `null` takes the module's list, `lambda_src/preprocess/text/stop_words_ja.txt`, which leaves negation alone; `[]` drops none.
    - `excluded_parts_of_speech`: (Optional) Parts of speech to drop, each by its first levels, e.g. `[["補助記号"], ["助詞", "格助詞"]]`. Costs a few percent of the speed. Default `[]`.
  EOT
  type = object({
    split_mode               = optional(string, "C")
    token_form               = optional(string, "surface")
    stop_words               = optional(list(string))
    excluded_parts_of_speech = optional(list(list(string)), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["A", "B", "C"], var.tokenizer.split_mode)
    error_message = "tokenizer.split_mode must be \"A\" (short units), \"B\" or \"C\" (named entities whole)."
  }

  validation {
    condition     = contains(["surface", "normalized", "dictionary"], var.tokenizer.token_form)
    error_message = "tokenizer.token_form must be \"surface\", \"normalized\" or \"dictionary\"."
  }

  validation {
    condition     = alltrue([for word in coalesce(var.tokenizer.stop_words, []) : can(regex("^[^\\s\\x0b\\x1c-\\x1f\\x{85}\\pZ]+$", word))])
    error_message = "tokenizer.stop_words are single tokens: write each without white space."
  }

  validation {
    # The list goes to the function with every file, and a payload of Step Functions holds 262,144 bytes. `length` counts
    # characters; base64 writes 4 for 3 bytes of UTF-8.
    condition     = length(base64encode(jsonencode([for word in coalesce(var.tokenizer.stop_words, []) : word if word != null]))) * 3 / 4 <= 100000
    error_message = "tokenizer.stop_words takes more than 100,000 bytes, a Japanese character 3 of them, too many for a state machine's payload: drop rare words through training.hyperparameters.min_count instead."
  }

  validation {
    condition     = alltrue([for levels in var.tokenizer.excluded_parts_of_speech : try(length(levels) >= 1 && length(levels) <= 6 && alltrue([for level in levels : try(length(level) > 0, false)]), false)])
    error_message = "tokenizer.excluded_parts_of_speech is a list of lists of 1 to 6 levels: write e.g. [[\"補助記号\"], [\"助詞\", \"格助詞\"]]."
  }

  validation {
    # A user dictionary may bring parts of speech of its own.
    condition = var.preprocess.user_dictionary != null || var.preprocess.package != null || alltrue([
      for levels in var.tokenizer.excluded_parts_of_speech : anytrue([
        for line in local.parts_of_speech : try(
          !strcontains(join("", levels), ",") && startswith(line, "${join(",", slice(levels, 0, min(5, length(levels))))},")
          && (length(levels) < 6 || contains(split("|", split(",", line)[5]), element(levels, 5))),
          false,
        )
      ])
    ])
    error_message = "tokenizer.excluded_parts_of_speech names one that Sudachi's dictionary does not have: write first levels as they stand in lambda_src/parts_of_speech.txt, e.g. [\"名詞\", \"固有名詞\"]."
  }
}

variable "training" {
  description = <<-EOT
    The BlazingText training job.

    - `mode`: (Required) `skipgram`, `cbow` or `batch_skipgram` learn word vectors, `supervised` learns a text classifier.
    - `hyperparameters`: (Optional) BlazingText's, e.g. `{ vector_dim = 100, epochs = 10 }`. `evaluation` is off unless set: it scores English words.
    - `instance_type`: (Optional) Default `"ml.c5.xlarge"`.
    - `instance_count`: (Optional) More than one only in `batch_skipgram`, on CPU instances. Default `1`.
    - `volume_size`: (Optional) GB for the corpus and the model, 1 to 16384. Default `30`.
    - `max_runtime_seconds`: (Optional) Longest that a job may train, up to 2419200. Default `3600`.
    - `spot_max_wait_seconds`: (Optional) Train on spot instances, and wait this long at most for capacity and training together, up to 3600, since BlazingText has no checkpoints. `null` trains on demand.
    - `network_isolation`: (Optional) Cut the training container off the network. Default `true`.
    - `encrypt_inter_container_traffic`: (Optional) Encrypt what instances send each other, at some cost in speed. Default `false`.
    - `image_uri`: (Optional) Another image than the region's BlazingText, e.g. a copy in your own registry.
  EOT
  type = object({
    mode                            = string
    hyperparameters                 = optional(map(string), {})
    instance_type                   = optional(string, "ml.c5.xlarge")
    instance_count                  = optional(number, 1)
    volume_size                     = optional(number, 30)
    max_runtime_seconds             = optional(number, 3600)
    spot_max_wait_seconds           = optional(number)
    network_isolation               = optional(bool, true)
    encrypt_inter_container_traffic = optional(bool, false)
    image_uri                       = optional(string)
  })
  nullable = false

  validation {
    condition     = contains(local.every, var.training.mode)
    error_message = "training.mode must be \"skipgram\", \"cbow\" or \"batch_skipgram\" for word vectors, or \"supervised\" for a text classifier."
  }

  validation {
    condition     = var.training.mode != "supervised" || var.corpus.label_column != null
    error_message = "training.mode \"supervised\" learns labels: write the column that holds them as corpus.label_column."
  }

  validation {
    condition     = !contains(keys(var.training.hyperparameters), "mode")
    error_message = "training.hyperparameters can't set mode: write it as training.mode."
  }

  validation {
    condition = length(setsubtract(
      keys(var.training.hyperparameters), concat(try(local.hyperparameters_by_mode[var.training.mode], keys(local.hyperparameters)), ["mode"])
    )) == 0
    error_message = "BlazingText's ${var.training.mode} mode takes no hyperparameter ${join(" or ", setsubtract(
      keys(var.training.hyperparameters), try(local.hyperparameters_by_mode[var.training.mode], [])
    ))}; it takes ${join(", ", try(local.hyperparameters_by_mode[var.training.mode], []))}."
  }

  validation {
    condition = alltrue([
      for name, value in var.training.hyperparameters : can(regex(try(local.hyperparameter_rules[name].pattern, ""), lower(value)))
    ])
    error_message = "training.hyperparameters has values that BlazingText refuses: ${join("; ", [
      for name, value in var.training.hyperparameters : "${name} must be ${try(local.hyperparameter_rules[name].write, "")}"
      if !can(regex(try(local.hyperparameter_rules[name].pattern, ""), lower(value)))
    ])}."
  }

  validation {
    condition     = try(tonumber(lookup(var.training.hyperparameters, "min_char", "3")) <= tonumber(lookup(var.training.hyperparameters, "max_char", "6")), true)
    error_message = "training.hyperparameters.min_char (3 unless set) is greater than max_char (6 unless set): subwords have between min_char and max_char characters."
  }

  validation {
    condition     = lower(lookup(var.training.hyperparameters, "early_stopping", "false")) != "true" || var.corpus.validation_fraction > 0
    error_message = "training.hyperparameters.early_stopping watches the accuracy on the validation channel: write a corpus.validation_fraction above 0, e.g. 0.1."
  }

  validation {
    condition     = lower(lookup(var.training.hyperparameters, "early_stopping", "false")) == "true" || length(setintersection(keys(var.training.hyperparameters), ["min_epochs", "patience"])) == 0
    error_message = "training.hyperparameters.patience and min_epochs belong to early stopping: add early_stopping = true, or leave them out."
  }

  validation {
    condition     = can(regex("^ml\\.[a-z0-9-]+\\.[a-z0-9]+$", var.training.instance_type))
    error_message = "training.instance_type must be a SageMaker instance type, like \"ml.c5.xlarge\"; SageMaker's start with \"ml.\"."
  }

  validation {
    condition     = var.training.instance_count >= 1 && floor(var.training.instance_count) == var.training.instance_count
    error_message = "training.instance_count must be a whole number, at least 1."
  }

  validation {
    condition     = var.training.instance_count == 1 || var.training.mode == "batch_skipgram"
    error_message = "BlazingText trains on several instances only in batch_skipgram mode: write training.instance_count = 1, or mode = \"batch_skipgram\"."
  }

  validation {
    condition     = var.training.mode != "batch_skipgram" || !can(regex("^ml\\.[gp][0-9]", var.training.instance_type))
    error_message = "BlazingText's batch_skipgram mode runs on CPU instances: write e.g. training.instance_type = \"ml.c5.4xlarge\", or take skipgram or cbow on a GPU."
  }

  validation {
    # https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext.html#blazingtext-instances
    condition     = !can(regex("^ml\\.(g|p|trn|inf)[0-9]", var.training.instance_type)) || can(regex("^ml\\.(p2|p3|p3dn|g4dn|g5)\\.", var.training.instance_type))
    error_message = "BlazingText runs on no other GPU instances than P2, P3, G4dn and G5: write e.g. training.instance_type = \"ml.g4dn.xlarge\", or a CPU one, e.g. \"ml.c5.xlarge\"."
  }

  validation {
    # Those with more than one GPU.
    condition     = var.training.mode != "supervised" || !can(regex("^ml\\.(p2\\.(8|16)xlarge|p3\\.(8|16)xlarge|p3dn\\.|g4dn\\.(12xlarge|metal)|g5\\.(12|24|48)xlarge)", var.training.instance_type))
    error_message = "BlazingText's supervised mode takes one GPU at most: write an instance type with one, e.g. \"ml.g4dn.xlarge\", or a CPU one, e.g. \"ml.c5.xlarge\"."
  }

  validation {
    condition     = var.training.volume_size >= 1 && var.training.volume_size <= 16384
    error_message = "training.volume_size must be from 1 to 16384 GB."
  }

  validation {
    condition     = var.training.max_runtime_seconds >= 1 && var.training.max_runtime_seconds <= 2419200
    error_message = "training.max_runtime_seconds must be from 1 to 2419200 seconds (28 days)."
  }

  validation {
    condition     = var.training.spot_max_wait_seconds == null || try(var.training.spot_max_wait_seconds <= 3600, false)
    error_message = "training.spot_max_wait_seconds must be at most 3600: SageMaker lets an algorithm without checkpoints, as BlazingText is, wait an hour at most. Train on demand (null) if that is too short."
  }

  validation {
    condition     = var.training.spot_max_wait_seconds == null || try(var.training.spot_max_wait_seconds >= var.training.max_runtime_seconds, false)
    error_message = "training.spot_max_wait_seconds covers waiting and training together: it must be at least training.max_runtime_seconds."
  }

  validation {
    condition     = var.training.image_uri == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.[a-z0-9.]+/[a-z0-9._/-]+(:[A-Za-z0-9_.-]+|@sha256:[0-9a-f]{64})$", var.training.image_uri))
    error_message = "training.image_uri must be an image in ECR with its tag or digest, like \"111122223333.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1\"."
  }
}

variable "vpc" {
  description = "Subnets and security groups that the function and the training jobs run in. They need a gateway endpoint for S3 and, without internet, interface endpoints: see docs/permissions.md. `null` runs both outside a VPC."
  type        = object({ security_group_ids = list(string), subnet_ids = list(string) })
  default     = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) >= 1 && length(var.vpc.security_group_ids) >= 1 && length(var.vpc.security_group_ids) <= 5, false)
    error_message = "vpc needs one subnet or more, and 1 to 5 security groups: write vpc = { subnet_ids = [\"subnet-...\"], security_group_ids = [\"sg-...\"] }."
  }
}
