"""Files: written whole, read with checks, and where they lie."""
