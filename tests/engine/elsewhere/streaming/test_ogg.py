"""Pages are split where they end, however they arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.elsewhere.streaming.ogg import OggPages


def page(body: bytes) -> bytes:
    """One Ogg page without its checksum, which nobody here reads."""
    segments = [255] * (len(body) // 255) + [len(body) % 255]
    return b"OggS" + bytes(22) + bytes([len(segments), *segments]) + body


BODIES = st.lists(st.binary(max_size=900), min_size=3, max_size=6)


@given(BODIES, st.lists(st.integers(1, 400), min_size=1))
def test_pages_come_out_whole_in_whatever_pieces_they_arrive(bodies: list[bytes], cuts: list[int]) -> None:
    pages = [page(body) for body in bodies]
    stream, splitter, found = b"".join(pages), OggPages(), []
    at = 0
    for number in range(len(stream)):
        if at >= len(stream):
            break
        length = cuts[number % len(cuts)]
        found += list(splitter.split(stream[at : at + length]))
        at += length
    assert splitter.header == b"".join(pages[:2])
    assert found == pages[2:]


def test_what_is_no_page_is_skipped() -> None:
    splitter = OggPages()
    pages = [page(bytes([n])) for n in range(4)]
    assert list(splitter.split(b"garbage" + b"".join(pages))) == pages[2:]
