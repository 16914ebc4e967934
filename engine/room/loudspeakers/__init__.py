"""Rooms with any number of loudspeakers: where they stand, and the patch through which each is played."""
