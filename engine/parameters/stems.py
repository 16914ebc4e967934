"""The stems of a reel, in order, and the rate at which everything sounds: the one list of them.

A new stem is a name here and the same name in the same place in `pd_patches/lib/stem-list.pd`, from which room and
surface build themselves; a test compares the two.
"""

from typing import Final

SAMPLE_RATE_HZ: Final = 48_000
BLOCK_FRAMES: Final = 512
"""Frames per pyo buffer; Pd computes 64 at a time."""
LAYERS: Final = (
    "piano",
    "reverse",
    "cello",
    "bells",
    "chords",
    "guitar",
    "drums",
    "texture_1",
    "texture_2",
    "texture_3",
)
"""Stems that have a source of their own, voice or texture, and a strip that shapes it."""
RETURNS: Final = ("near", "far", "echo")
"""Stems that sound of what layers send them: two reverbs and the echo."""
STEMS: Final = (*LAYERS, *RETURNS)
"""Stems in reel order; stem i is channels 2i (left) and 2i+1 (right), counted from 0."""
CHANNELS: Final = 2 * len(STEMS)
VOICES: Final = ("piano", "cello", "bells", "chords", "guitar", "drums")
"""Stems that play notes. `reverse` is the piano's phrase, reversed, drowned in reverb, reversed back."""
TEXTURES: Final = ("texture_1", "texture_2", "texture_3")
