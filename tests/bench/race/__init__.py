"""The race: the same job by our service and by its peers, on the same servers, in turns; deploy/benchmarks/race.md."""
