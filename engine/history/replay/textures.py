"""The textures of a replay: what played then, at the same frames, even if the folders have changed since."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from engine.errors import TextureError
from engine.journal.fingerprints import file_fingerprint
from engine.journal.reader import Record
from engine.renderer.snapshot import source_from_json
from engine.sound.layers.table_readers import Reading
from engine.sound.textures.crossfade import Crossfade, LoopState, Source
from engine.sound.textures.player import TextureChoice
from engine.sound.textures.treatment import Loop

Complain = Callable[[str], None]


class TextureShelf:
    """Opens sources again. A file that was moved is looked for in `folders`; a changed or missing one is named."""

    def __init__(self, folders: Sequence[Path], complain: Complain) -> None:
        self._folders, self._complain = tuple(folders), complain

    def open(self, source: Source, fingerprint: str | None = None) -> Loop | None:
        """The loop of a source, or None, and a complaint, where it is gone. Takes up to some seconds."""
        path = source.path
        if not path.is_file():
            path = next((f / path.name for f in self._folders if (f / path.name).is_file()), path)
        try:
            if fingerprint is not None and file_fingerprint(path) != fingerprint:
                self._complain(f"texture {path.name} is not what it was; it is heard as it is now")
            return Source(path, source.treatment, source.place).open()
        except (TextureError, OSError):
            self._complain(f"texture {path.name} is gone or cannot be read; it is silent where it was heard")
            return None


class ReplayDeck:
    """Plays one texture stem as `records` of kind `texture` say, and never what the studio itself would choose."""

    def __init__(
        self, records: Iterable[Record], playing: Iterable[LoopState], shelf: TextureShelf, frame_now: Callable[[], int]
    ) -> None:
        self._records, self._shelf, self._frame_now = deque(records), shelf, frame_now
        self._crossfade = Crossfade()
        self._choice: TextureChoice | None = None
        opened = [(state, shelf.open(state.source)) for state in playing]
        self._crossfade.resume((state, loop) for state, loop in opened if loop is not None)

    @property
    def files(self) -> set[Path]:
        return self._crossfade.files

    @property
    def state(self) -> tuple[LoopState, ...]:
        return self._crossfade.state

    def choose(self, choice: TextureChoice, glide_s: float = 0.0) -> None:  # noqa: ARG002  (a player's signature)
        """A change of mind is only seen in what fades out."""
        if self._choice not in (None, choice):
            self._crossfade.make_room()
        self._choice = choice

    def read(self) -> tuple[Reading, ...]:
        """What the next step reads of its loops; nothing where it is silent."""
        while self._records and int(self._records[0].fields["at"]) <= self._frame_now():
            fields = self._records.popleft().fields
            source = source_from_json(fields["source"]) if fields["source"] else None
            loop = self._shelf.open(source, fields.get("texture_is")) if source else None
            self._crossfade.change(source, loop, float(fields["crossfade_s"]))
        return self._crossfade.read()

    def close(self) -> None:
        self._crossfade.close()
