"""What is measured beside others, and the tests of our own benchmarks."""
