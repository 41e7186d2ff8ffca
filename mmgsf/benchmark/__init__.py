"""Measures what the layer costs: time, memory, arithmetic; and what a training on paper needs.

`tools/benchmark.py` and `tools/scaling.py` are the commands.
"""
