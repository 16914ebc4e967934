"""A record from a YAML file and a seed: tracks, stems, MIDI, sleeve and credits."""
