"""Faults on purpose: real processes, brokers and servers are killed, frozen and cut off.

What is left is compared with what an independent oracle says of the published events.
"""
