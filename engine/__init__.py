"""Everything between a drawn phrase and the reels that Pure Data plays."""
