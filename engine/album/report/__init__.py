"""One HTML page with pictures of a record, or of any folder with sound and MIDI in it."""
