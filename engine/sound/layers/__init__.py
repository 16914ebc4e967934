"""Layers: every stem's level, pan, filters, compressor, vocoder, delay and reverb; the only place that uses pyo."""
