"""Voices on instruments with a MIDI port, and as messages for patches in Pure Data; no note is left hanging."""
