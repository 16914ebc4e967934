"""Phrases of earlier hours, for when no performer plays: what the journal holds is better than a rule."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Final

from engine.journal.reader import Losses, read_segment
from engine.journal.segments import list_segments
from engine.music.notes import Phrase
from engine.music.phrases.store import phrase_from_json

MOST_PHRASES: Final = 48
SEGMENTS: Final = 2
"""Some eight hours each; reading them takes a fifth of a second."""
RULE: Final = "rule "
"""Performers whose names begin so are no performers."""


class JournalPhrases:
    """Gives each of the latest phrases once, the oldest first. The journal is read when the first is asked for."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._phrases: deque[Phrase] | None = None

    def next(self) -> Phrase | None:
        if self._phrases is None:
            self._phrases = deque(recent_phrases(self._folder) if self._folder else ())
        return self._phrases.popleft() if self._phrases else None


def recent_phrases(folder: Path, most: int = MOST_PHRASES) -> list[Phrase]:
    """The latest phrases that performers played, the oldest of them first; damaged records are passed over."""
    found: deque[Phrase] = deque(maxlen=most)
    for path in list_segments(folder, "engine")[-SEGMENTS:]:
        for record in read_segment(path, Losses()):
            if record.kind != "phrase":
                continue
            try:
                phrase = phrase_from_json(record.fields)
            except (KeyError, TypeError, ValueError):
                continue
            if phrase.notes and not phrase.performer.startswith(RULE):
                found.append(phrase)
    return list(found)
