# The parts of speech of Sudachi's dictionary: a line for each first five levels, and the sixth ones that go with them.

locals {
  parts_of_speech = split("\n", file("${path.module}/lambda_src/parts_of_speech.txt"))
}
