"""Notes, scales, harmony, phrases, the arranger and the conductor."""
