"""Measurements of the whole: `make bench` prints them and writes build/bench.json."""
