"""How much a phrase repeats of what the network learnt from."""
