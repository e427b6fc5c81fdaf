"""From the shards that the files of a folder became to one corpus."""
