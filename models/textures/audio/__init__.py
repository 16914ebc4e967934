"""Sound as numbers: files, mu-law classes, linear prediction, spectrograms."""
