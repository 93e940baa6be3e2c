"""The pure core: no I/O, clock, randomness, logging or globals; `pipeline` alone knows the order of the stages."""
