"""MIDI: files of anybody's, read forgivingly; our own, written; keys and pedals of either as notes."""
