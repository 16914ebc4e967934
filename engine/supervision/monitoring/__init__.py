"""Judges the installation by what is heard, and tells people. No torch, no pyo, no numpy."""
