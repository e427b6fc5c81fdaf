"""What the benchmarks count and print."""
