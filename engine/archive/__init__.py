"""The last half hour as the room heard it, and what people keep of it."""
