"""Voices: instruments that turn their part of a score into sound."""
