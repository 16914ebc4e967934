"""The moods on disk while the room plays: saved so that none is ever lost, and looked at for edits by hand."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import MoodError
from engine.files.atomic import replace_durably
from engine.files.named_presets import is_path
from engine.files.stamps import Stamp, stamp_of
from engine.parameters.address import Value
from engine.parameters.addresses import TABLE, values_of
from engine.parameters.mood_text import mood_text
from engine.parameters.moods import list_moods, load_mood, mood_folders, mood_path, parse_mood, read_mood
from engine.parameters.sound import Mood

NAME: Final = r"[a-z][a-z0-9_-]{0,39}"
RESERVED: Final = frozenset({"list", "none", "bang", "float", "symbol", "pointer", "anything"})
"""Words that mean something else to Pure Data, or that follow /mood/ in an address."""
PREVIOUS: Final = ".previous"
"""Folder, beside the moods, of what each was before it was last overwritten."""
COLOURS: Final = (
    *("#2f8f83", "#c4763a", "#4b5d8a", "#a08a2e", "#b07aa1", "#5f8fbf"),
    *("#7f9f5a", "#c46a5a", "#6f7f86", "#a98563", "#5f9fb0", "#9a6f9f"),
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A file that has changed: what it holds now, or None and why that cannot be used, or neither when it is gone.

    `before` is what could last be read from it.
    """

    name: str
    before: Mood | None
    mood: Mood | None
    complaint: str = ""


class MoodStore:
    """Folders of moods, of which the first is written to and goes before the others.

    A file that became broken is reported once, and what it last held is remembered.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders or mood_folders()
        self.folder = self._folders[0]
        self.complaints: dict[str, str] = {}
        """What is wrong with which mood, by name."""
        self._read: dict[str, tuple[Stamp | None, Mood | MoodError]] = {}
        self._values: dict[str, tuple[Mood, Mapping[str, Value]]] = {}
        self._seen: dict[str, tuple[Stamp | None, Mood | None]] = {}
        """By name: the file that `look` last saw, and the last mood that could be read from it."""
        self._unsettled: dict[str, Stamp | None] = {}
        for name in self.names():
            self._see(name, stamp_of(self._path(name)))

    def names(self) -> tuple[str, ...]:
        return list_moods(*self._folders)

    def load(self, name: str) -> Mood:
        """The mood of that name (or of a path ending in .yaml) as its file is now. Raises MoodError."""
        stamp = stamp_of(self._path(name))
        known = self._read.get(name)
        if known is None or known[0] != stamp:
            try:
                known = (stamp, load_mood(name, *self._folders))
            except MoodError as problem:
                known = (stamp, problem)
            self._read[name] = known
            if name not in self._seen and isinstance(known[1], Mood):
                self._seen[name] = (stamp, known[1])
        if isinstance(known[1], MoodError):
            raise known[1]
        return known[1]

    def values(self, name: str) -> Mapping[str, Value]:
        """Every sound value of a mood by address; not to be changed. Raises MoodError."""
        mood = self.load(name)
        known = self._values.get(name)
        if known is None or known[0] is not mood:
            known = self._values[name] = (mood, values_of(mood))
        return known[1]

    def save(self, name: str, mood: Mood, *, overwrite: bool = False) -> None:
        """Write a mood; what it was before is kept for `revert`. Raises MoodError, and then nothing has changed."""
        check_name(name)
        if self._path(name).exists() and not overwrite:
            raise MoodError(f"a mood called {name!r} exists already; overwrite it, or give this one another name")
        path = self._own_path(name)
        text = mood_text(mood)
        if parse_mood(text, path) != mood:
            raise MoodError(f"{path.name} would not read back as this mood, and was not written")
        self._write(path, text.encode())
        self._see(name, stamp_of(path))

    def revert(self, name: str) -> None:
        """Bring back what a mood was before it was last overwritten. Raises MoodError.

        What it was meanwhile is then its earlier version.
        """
        previous = self.folder / PREVIOUS / f"{name}.yaml"
        if not previous.exists():
            raise MoodError(f"there is no earlier version of {name!r}")
        read_mood(previous)
        self._write(self._own_path(name), previous.read_bytes())
        self._see(name, stamp_of(self._path(name)))

    def look(self) -> list[Edit]:
        """Edits since the last look, of files that have been left alone for as long as from the last look to this."""
        edits = []
        for name in sorted({*self.names(), *self._seen}):
            stamp = stamp_of(self._path(name))
            if name in self._seen and self._seen[name][0] == stamp:
                self._unsettled.pop(name, None)
            elif self._unsettled.get(name, ()) == stamp:
                del self._unsettled[name]
                edits.append(self._see(name, stamp))
            else:
                self._unsettled[name] = stamp
        return edits

    def colour(self, name: str) -> str:
        """Of a mood's button: what its file says, else one by its name."""
        seen = self._seen.get(name, (None, None))[1]
        return (seen.colour if seen else "") or COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]

    def title(self, name: str) -> str:
        seen = self._seen.get(name, (None, None))[1]
        return seen.title if seen else name

    def _see(self, name: str, stamp: Stamp | None) -> Edit:
        before = self._seen.get(name, (None, None))[1]
        self.complaints.pop(name, None)
        if stamp is None:
            self._seen.pop(name, None)
            return Edit(name, before, None)
        try:
            mood = self.load(name)
        except MoodError as problem:
            self._seen[name] = (stamp, before)
            self.complaints[name] = str(problem).replace(f"{self._path(name).parent}/", "")
            return Edit(name, before, None, self.complaints[name])
        self._seen[name] = (stamp, mood)
        return Edit(name, before, mood)

    def _write(self, path: Path, contents: bytes) -> None:
        previous = path.parent / PREVIOUS / path.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            before = self._path(path.stem)
            if before != path and before.exists():  # it came along, and is only now this user's
                previous.parent.mkdir(exist_ok=True)
                replace_durably(previous, before.read_bytes())
            replace_durably(path, contents, previous=previous)
        except OSError as error:
            raise MoodError(f"{path} cannot be written: {error.strerror}; the mood is as it was") from None

    def _path(self, name: str) -> Path:
        return Path(name) if is_path(name) else mood_path(name, *self._folders)

    def _own_path(self, name: str) -> Path:
        return self.folder / f"{name}.yaml"


def check_name(name: str) -> None:
    """Raises MoodError for what cannot be the name of a mood's file."""
    if not re.fullmatch(NAME, name):
        near = re.sub(r"[^a-z0-9]+", "_", name.lower()).lstrip("_0123456789").rstrip("_")[:40]
        hint = f", for instance {near!r}" if near else ""
        raise MoodError(
            f"{name!r} cannot be the name of a mood: it begins with a small letter and goes on with small letters, "
            f"digits, _ and -, 40 at most{hint}"
        )
    if name in RESERVED or f"/mood/{name}" in TABLE:
        raise MoodError(f"{name!r} cannot be the name of a mood: it means something else to Pure Data")
