"""Makes a stretch of the past again from the journal: stems, sum and notes."""
