"""Phrases on their way from sampler to renderer: requests, and files that survive either one's death.

The renderer writes what it will need into `wants.json`; the sampler answers each request with `KEY.json`. Every file
is written whole under a temporary name and then renamed, so a reader meets all of it or none of it.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from engine.files.atomic import write_whole
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.phrases.traits import traits_of

WANTS_FILE: Final = "wants.json"
KEEP_S: Final = 600.0
"""Phrases that are no longer wanted are kept this long, in case they are wanted again."""
MOST_PHRASES: Final = 64
MOST_NOTES: Final = 4000
MOST_BYTES: Final = 1_000_000
LONGEST_PHRASE_S: Final = 600.0
_NOTES: Final = ("primer", "melody", "towards")
_SHARES: Final = ("returns", "beat", "share")
_LATER: Final = ("returns", "beat", "melody", "towards", "share")
"""Not named where they are not asked for, so that a request without them keeps the key it had before there were any."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a performer is asked for; `primer` holds notes the phrase should continue from.

    More than `quotation_notes` in a row of what it learnt from are not taken from it. `returns` is the share, 0..1, of
    the phrase that should have been played before, in the primer or since, and `beat` how steady it should be, 0..1;
    None leaves either to the performer. A `melody` is accompanied: the phrase holds all of its notes, and others
    beneath them. A request with notes to go `towards` is for no performer: the phrase is the primer, a `share`, 0..1,
    of the way to them.
    """

    performer: str
    seed: int
    temperature: float
    top_p: float
    density_notes_per_s: float
    pitch_class_weights: tuple[float, ...] | None
    phrase_s: float
    primer: tuple[Note, ...] | None = None
    quotation_notes: int = 16
    returns: float | None = None
    beat: float | None = None
    melody: tuple[Note, ...] | None = None
    towards: tuple[Note, ...] | None = None
    share: float | None = None

    @property
    def key(self) -> str:
        """Name of this request: 16 hexadecimal digits that depend on all it asks for."""
        text = json.dumps(self._contents(), sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, **self._contents()}

    def _contents(self) -> dict[str, Any]:
        contents = asdict(self)
        for name in _NOTES:
            notes = getattr(self, name)
            contents[name] = None if notes is None else [_note_row(note) for note in notes]
        return {name: value for name, value in contents.items() if name not in _LATER or value is not None}

    @classmethod
    def from_json(cls, contents: Mapping[str, Any]) -> Request:
        """Raises KeyError, TypeError or ValueError when `contents` is no request."""
        weights = contents["pitch_class_weights"]
        optional: dict[str, Any] = {name: _notes(contents[name]) for name in _NOTES if contents.get(name) is not None}
        optional |= {name: float(contents[name]) for name in _SHARES if contents.get(name) is not None}
        return cls(
            performer=str(contents["performer"]),
            seed=int(contents["seed"]),
            temperature=float(contents["temperature"]),
            top_p=float(contents["top_p"]),
            density_notes_per_s=float(contents["density_notes_per_s"]),
            pitch_class_weights=None if weights is None else tuple(float(w) for w in weights),
            phrase_s=float(contents["phrase_s"]),
            quotation_notes=int(contents["quotation_notes"]),
            **optional,
        )


class PhraseSource(Protocol):
    """Where the conductor gets phrases from; it never waits."""

    def want(self, requests: Iterable[Request]) -> None:
        """Say what will be needed, most urgent first; replaces what was wanted before."""

    def take(self, request: Request) -> Phrase | None:
        """The phrase drawn for `request`, or None if it is not there (yet)."""


class FilePhraseStore:
    """A folder of phrases: the renderer's end is `want` and `take`, the sampler's `wanted`, `put` and `prune`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._last_wants = ""
        self._last_keys: frozenset[str] = frozenset()
        self._given: deque[str] = deque(maxlen=4 * MOST_PHRASES)
        """Keys of what was taken from here: it is remembered elsewhere, as what was heard."""

    def want(self, requests: Iterable[Request]) -> None:
        wanted = list(requests)
        text = json.dumps([request.to_json() for request in wanted])
        self._last_keys = frozenset(request.key for request in wanted)
        if text != self._last_wants or not (self.folder / WANTS_FILE).exists():
            with suppress(OSError):  # a full or vanished folder: the next call tries again, and rules make phrases
                self.folder.mkdir(parents=True, exist_ok=True)
                write_whole(self.folder / WANTS_FILE, text)
                self._last_wants = text

    def take(self, request: Request) -> Phrase | None:
        phrase = read_phrase(self.folder / f"{request.key}.json")
        if phrase is not None:
            self._given.append(request.key)
        return phrase

    def remembered(self) -> Phrase | None:
        """The oldest phrase here that was not taken and is not waited for: drawn before a mood changed, or for a
        renderer that is gone. Each is given once."""
        spare = [p for p in self.folder.glob("*.json") if p.stem not in self._last_keys and p.stem not in self._given]
        for path in sorted(spare, key=_changed_s):
            self._given.append(path.stem)
            if path.name != WANTS_FILE and (phrase := read_phrase(path)) is not None:
                return phrase
        return None

    def wanted(self) -> list[Request]:
        """Requests still to be answered, most urgent first; empty when the file is missing or damaged."""
        return [request for request in self.asked() if not (self.folder / f"{request.key}.json").exists()]

    def asked(self) -> list[Request]:
        """All that was last asked for, answered or not, most urgent first."""
        return read_wants(self.folder / WANTS_FILE)

    def put(self, request: Request, phrase: Phrase) -> None:
        write_whole(self.folder / f"{request.key}.json", json.dumps(phrase_to_json(phrase)))

    def prune(self, now_s: float | None = None) -> int:
        """Remove phrases neither wanted nor newer than `KEEP_S`, oldest beyond `MOST_PHRASES`; how many went."""
        now_s = time.time() if now_s is None else now_s
        keys = {request.key for request in read_wants(self.folder / WANTS_FILE)}
        spare = [(_changed_s(path), path) for path in self.folder.glob("*.json") if path.stem not in keys | {"wants"}]
        newest_first = sorted(spare, reverse=True)
        gone = [p for i, (age, p) in enumerate(newest_first) if now_s - age > KEEP_S or i + len(keys) >= MOST_PHRASES]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)


def read_wants(path: Path) -> list[Request]:
    """The requests in a wants file; those that cannot be understood are left out."""
    contents = _read_json(path)
    requests = []
    for item in contents if isinstance(contents, list) else []:
        try:
            requests.append(Request.from_json(item))
        except (KeyError, TypeError, ValueError):
            continue
    return requests


def read_phrase(path: Path) -> Phrase | None:
    """The phrase in a file, or None if it is missing, damaged or too large."""
    contents = _read_json(path)
    try:
        return phrase_from_json(contents) if isinstance(contents, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    """Rows keep files small: a note is [onset_s, pitch, duration_s, velocity], a pedal span [start_s, end_s].

    `traits` (see `engine.music.phrases.traits`) are for whoever reads the file; they are not read back, but found anew.
    """
    return {
        "notes": [_note_row(note) for note in phrase.notes],
        "pedal": [[round(span.start_s, 4), round(span.end_s, 4)] for span in phrase.pedal],
        "performer": phrase.performer,
        "seed": phrase.seed,
        "traits": traits_of(phrase.notes).to_json() if phrase.notes else None,
    }


def phrase_from_json(contents: Mapping[str, Any]) -> Phrase:
    """Raises KeyError, TypeError or ValueError when `contents` is no phrase."""
    if not isinstance(contents, Mapping):
        raise TypeError(f"an object with notes was expected, not {type(contents).__name__}")
    spans = sorted(PedalSpan(_time_s(start), _time_s(end)) for start, end in contents.get("pedal", ()))
    return Phrase(
        notes=_notes(contents["notes"]),
        pedal=tuple(span for span in spans if span.end_s > span.start_s),
        performer=str(contents.get("performer", "")),
        seed=int(contents.get("seed", 0)),
    )


def _notes(rows: list[list[float]]) -> tuple[Note, ...]:
    if len(rows) > MOST_NOTES:
        raise ValueError(f"{len(rows)} notes, more than {MOST_NOTES}")
    notes = [Note(_time_s(onset), int(pitch), _time_s(length), int(v)) for onset, pitch, length, v in rows]
    if not all(0 <= n.pitch <= 127 and 1 <= n.velocity <= 127 and n.duration_s > 0 for n in notes):
        raise ValueError("a pitch is outside 0..127, a velocity outside 1..127, or a note has no length")
    return sorted_notes(notes)


def _time_s(value: float) -> float:
    if not math.isfinite(value) or not 0 <= value <= LONGEST_PHRASE_S:
        raise ValueError(f"{value} is not a time within {LONGEST_PHRASE_S:g} s")
    return float(value)


def _note_row(note: Note) -> list[float]:
    return [round(note.onset_s, 4), note.pitch, round(note.duration_s, 4), note.velocity]


def _read_json(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
