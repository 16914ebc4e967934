"""Networks, their event vocabulary, drawing, training and weights."""
