"""Phrases: stored, analysed, filtered, repaired, and written by rule where no network plays."""
