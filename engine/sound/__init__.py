"""Sound: voices, textures and layers, and the path from scores to stems."""
