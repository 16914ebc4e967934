"""Watching over what is heard, and telling people about it. No torch, no pyo, no numpy: the supervisor imports this."""
