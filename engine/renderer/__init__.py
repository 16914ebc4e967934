"""The process that turns what the conductor decides into reels."""
