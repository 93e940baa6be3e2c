"""The job by hand, without any framework."""
