"""The schedule: which mood plays when, when the room is open, and what happens when the clock changes."""
