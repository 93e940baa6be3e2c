"""The job with an agent of Faust, one event at a time."""
