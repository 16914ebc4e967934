"""Breaks the running installation on purpose, one fault at a time, and measures what was heard of it.

`table.py` lists the faults and what each may cost; `stage.py` runs the installation they happen to; `measure.py` finds
gaps and clicks in what the room recorded; `python -m tests.faults` runs the whole table and writes `docs/faults.md`.
"""
