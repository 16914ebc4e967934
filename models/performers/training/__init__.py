"""Training of performers; may be stopped at any time and resumed."""
