"""Drawing phrases from a trained performer, in compiled loops without torch."""
