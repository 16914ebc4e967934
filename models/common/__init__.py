"""What performers and textures share: weights on disk, model cards, devices."""
