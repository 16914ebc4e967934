"""Performers: networks that play expressive piano, event by event."""
