"""Records: from a YAML file and a seed to tracks, stems, MIDI, sleeve and credits."""
