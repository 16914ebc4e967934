"""Seeded chance: one independent generator per decision, so no decision disturbs another.

A generator is made from what it decides about (`chance(seed, "bells", number)`), never shared. Adding a
decision somewhere therefore changes nothing elsewhere, and phrase i never depends on how many draws came before.
"""

from __future__ import annotations

import hashlib
from random import Random


def seed_from(*parts: object) -> int:
    """A 63-bit seed that depends on the text of all `parts`, the same on every machine and run."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def chance(*parts: object) -> Random:
    """A generator of its own for the decision that `parts` name."""
    return Random(seed_from(*parts))
