"""Starts broker, agent and simulated ward on loopback for the demo, the soak tests and the benchmarks.

Python's standard library only. Everything started here is ended by its process id.
"""
