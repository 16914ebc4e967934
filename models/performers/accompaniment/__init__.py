"""Accompaniment: a melody is given, and a performer plays the rest beneath it."""
