"""The only place that knows the order of the stages.

    message -> read -> needs -> judge -> gates -> settle        for records
    now     -> weigh_cells -> review_gates -> review            for a tick
    now     -> fire                                             for timers

Each step is pure: a store loads what `needs` and `gates` name, and saves what changed in Facts.
"""
