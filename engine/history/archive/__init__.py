"""The last half hour as the room heard it, and the excerpts that people save of it."""
