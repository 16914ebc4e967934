"""WaveNet (van den Oord et al. 2016): the network, its training and its drawing loop."""
