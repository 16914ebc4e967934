"""Ways in which a good file becomes a bad one; the same number gives the same damage."""

from __future__ import annotations

from random import Random

EDGES = (
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x80\x7f",
    b"\x00\x00\xc0\x7f",
)
"""Bytes that are limits of something: lengths, signs, infinity and not-a-number as floats."""


def damaged(good: bytes, number: int) -> bytes:
    """`good` with one to a dozen changes: bits flipped, bytes set, pieces cut, doubled, moved or replaced."""
    random = Random(number)
    data = bytearray(good)
    for _ in range(random.choice((1, 1, 2, 3, 6, 12))):
        if not data:
            break
        # Headers come first and decide most.
        at = random.randrange(min(len(data), 64)) if random.random() < 0.6 else random.randrange(len(data))
        kind = random.randrange(6)
        if kind == 0:
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at] = random.randrange(256)
        elif kind == 2:
            edge = random.choice(EDGES)
            data[at : at + len(edge)] = edge
        elif kind == 3:
            del data[at : at + random.randrange(1, 40)]
        elif kind == 4:
            piece = bytes(data[at : at + random.randrange(1, 40)])
            data[at:at] = piece * random.randrange(1, 4)
        else:
            del data[random.randrange(len(data)) :]
    return bytes(data)
