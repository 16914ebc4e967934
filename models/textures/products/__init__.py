"""Products of matrices in compiled loops: the same bits on every processor, weights in panels."""
