"""The job with an agent of Faust that takes many events at a time; it shares the environment of `faust`."""
