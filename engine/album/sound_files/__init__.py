"""The sound of a record on its way to files: stems, rate, loudness, formats."""
