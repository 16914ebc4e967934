"""Training of texture networks; may be stopped at any time and resumed."""
