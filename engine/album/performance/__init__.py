"""The notes of a record: phrases drawn, given or returning, and the voices arranged from them."""
