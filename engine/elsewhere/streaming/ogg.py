"""Ogg pages (RFC 3533), as far as a server needs them: where each ends, and which open a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

CAPTURE: Final = b"OggS"
HEADER_BYTES: Final = 27
HEADER_PAGES: Final = 2
"""Of Opus (RFC 7845): one with its settings, one with its comments; ffmpeg writes each on one page."""


class OggPages:
    """Splits what an encoder writes into whole pages, and keeps those that whoever joins later must have first."""

    def __init__(self) -> None:
        self.header = b""
        """The first pages, complete as soon as a page of sound has come."""
        self._headers = 0
        self._waiting = b""

    def split(self, data: bytes) -> Iterator[bytes]:
        """Pages of sound that are complete now."""
        self._waiting += data
        while (length := self._page_bytes()) is not None:
            page, self._waiting = self._waiting[:length], self._waiting[length:]
            if self._headers < HEADER_PAGES:
                self.header += page
                self._headers += 1
            else:
                yield page

    def _page_bytes(self) -> int | None:
        """How long the page at hand is, where it is there to its end; what is no page is skipped."""
        begin = self._waiting.find(CAPTURE)
        self._waiting = self._waiting[begin:] if begin >= 0 else self._waiting[-len(CAPTURE) + 1 :]
        if begin < 0 or len(self._waiting) < HEADER_BYTES:
            return None
        segments = self._waiting[26]
        if len(self._waiting) < HEADER_BYTES + segments:
            return None
        length = HEADER_BYTES + segments + sum(self._waiting[HEADER_BYTES : HEADER_BYTES + segments])
        return length if len(self._waiting) >= length else None
