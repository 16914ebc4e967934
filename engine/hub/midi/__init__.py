"""MIDI: knobs that move what they were shown, and keys whose phrases are continued."""
