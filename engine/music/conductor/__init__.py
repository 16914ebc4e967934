"""The conductor: which phrase comes next, which returns, how it is varied and where it ends."""
