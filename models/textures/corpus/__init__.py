"""Corpora of sound: rendered or imported, split by scene."""
