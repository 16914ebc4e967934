"""Audio files of anybody's: found by name, opened whole, mended where headers lie, mixed down to two or one."""
