"""Two families of networks, performers and textures: their drawing, training, evaluation and weights."""
