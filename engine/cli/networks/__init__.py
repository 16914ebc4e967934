"""Commands of the networks: phrases and textures drawn, trained, compared; their corpora."""
