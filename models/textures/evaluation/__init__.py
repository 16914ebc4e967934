"""How good a texture network is: bits, distances, and its card."""
