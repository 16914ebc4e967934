"""A small Jukebox (Dhariwal et al. 2020): spectra as codes, a transformer that writes them, and phases that fit."""
