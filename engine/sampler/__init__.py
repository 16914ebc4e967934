"""The process that draws: phrases ahead of need, and textures when nothing else is to do."""
