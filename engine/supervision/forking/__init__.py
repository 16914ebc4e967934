"""Processes that are forked rather than started, from one that has loaded what they share."""
