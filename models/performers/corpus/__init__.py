"""Corpora of MIDI performances: reading, splitting, touch for deadpan scores, batches."""
