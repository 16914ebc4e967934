"""What a texture network is told, and what is done to its drawing."""
