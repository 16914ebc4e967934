"""Zones: other rooms with mixes of their own, made in Pure Data and played in step through Snapcast."""
