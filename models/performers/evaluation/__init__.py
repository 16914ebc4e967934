"""How good a performer is: likelihood, statistics of what it plays, and its card."""
