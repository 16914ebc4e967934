"""Presence: sensors that say who is there, and what becomes of the music then."""
