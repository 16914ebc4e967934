"""What the renderer writes into the stream `engine`: all that is needed to make the same sound again.

| kind | says |
|---|---|
| segment | at the beginning of every file: which run of a renderer, seed, version, files it plays from |
| state | every minute of sound: settings and the studio's state, from which a replay can begin |
| score | what was scheduled: notes per voice, instruments, place, and the frame `at` which that was decided |
| phrase | a phrase as its performer played it, when it is first used |
| texture | a texture that begins, with its content's fingerprint |
| mood, set, next, seed | a change, with the frame from which it holds |
| playing | the room plays this reel now: every four seconds, and whenever a reel does not follow the one before |
| hold | the room went over to its hold loop (1), or came back (0) |
| end | the renderer was stopped as it should be |
| failed | a step that could not be computed; what follows may not replay exactly |

All frames count from the beginning of the run, of which reel n holds `REEL_FRAMES` from n x `REEL_FRAMES` on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.journal.fingerprints import engine_fingerprint, excerpt_fingerprint, file_fingerprint
from engine.journal.place import JournalPlace
from engine.journal.writer import JournalWriter
from engine.music.notes import Phrase
from engine.music.phrases.store import phrase_to_json
from engine.parameters.address import Value
from engine.parameters.addresses import values_of
from engine.parameters.sound import Mood
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES
from engine.renderer.score_json import scheduled_to_json
from engine.renderer.snapshot import source_to_json
from engine.renderer.studio import Studio
from engine.sound.stem_renderer import Scheduled
from engine.sound.textures.crossfade import Source
from engine.version import VERSION
from models.common.weights import weights_path

STATE_EVERY_S: Final = 60.0
PLAYING_EVERY_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class Run:
    """One life of a renderer: what all its records have in common."""

    generation: str
    seed: int
    mood: str
    soundfont: Path | None
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    def headline(self) -> dict[str, Any]:
        """For the beginning of every segment."""
        return {
            "run": self.run,
            "version": VERSION,
            "engine": engine_fingerprint(),
            "generation": self.generation,
            "seed": self.seed,
            "mood": self.mood,
            "soundfont": str(self.soundfont or ""),
            "soundfont_is": excerpt_fingerprint(self.soundfont) if self.soundfont else "",
            "rate_hz": SAMPLE_RATE_HZ,
            "reel_frames": REEL_FRAMES,
        }


class EngineJournal:
    """Notes down what a studio does. Without a place it does nothing; nothing it does can fail or wait."""

    def __init__(self, place: JournalPlace | None, run: Run) -> None:
        self._writer = JournalWriter(place.folder, "engine", place.engine_bytes, run.headline) if place else None
        self._mood, self._frame = run.mood, 0
        self._performers: set[str] = set()
        self._next_state_frame = 0
        self._last_reel = -2
        self._playing_due_reel = 0

    def _write(self, kind: str, later: Callable[[], dict[str, Any]] | None = None, **fields: Any) -> None:
        if self._writer:
            self._writer.write(kind, fields, later)

    # ------------------------------------------------------------ what plays

    def before_step(self, studio: Studio) -> None:
        """Called before each step; writes a state about every `STATE_EVERY_S` of sound."""
        self._frame = studio.frame
        if studio.frame >= self._next_state_frame:
            self._next_state_frame = studio.frame + round(STATE_EVERY_S * SAMPLE_RATE_HZ)
            self._write("state", mood=self._mood, values=values_of(studio.settings), **studio.state.to_json())

    def score(self, at: int, item: Scheduled) -> None:
        self._write("score", at=at, **scheduled_to_json(item))

    def phrase(self, number: int, phrase: Phrase, mood_title: str) -> None:
        """A phrase when it is first used, and once per run the weights of its performer."""
        self._write("phrase", number=number, mood=mood_title, **phrase_to_json(phrase))
        name = phrase.performer
        if name and name not in self._performers:
            self._performers.add(name)
            path = weights_path(name)
            if path.is_file():
                self._write("weights", lambda: {"weights_are": file_fingerprint(path)}, performer=name)

    def texture(self, stem: str, source: Source | None, crossfade_s: float) -> None:
        """What `stem` goes over to, in the step that is being rendered; None: it fades out."""
        fields: dict[str, Any] = {"at": self._frame, "stem": stem, "crossfade_s": crossfade_s}
        if source is None:
            self._write("texture", source=None, **fields)
        else:
            self._write("texture", partial(_texture_is, source.path), source=source_to_json(source), **fields)

    # --------------------------------------------------------- what is changed

    def mood(self, at: int, mood: Mood, glide_s: float) -> None:
        self._mood = mood.title
        self._write("mood", at=at, title=mood.title, glide_s=glide_s, values=values_of(mood))

    def set(self, at: int, values: dict[str, Value], glide_s: float) -> None:
        self._write("set", at=at, values=dict(values), glide_s=glide_s)

    def next_phrase(self, at: int, within_s: float = 0.0) -> None:
        self._write("next", at=at, within_s=within_s)

    def chord(self, at: int, keys: Sequence[int]) -> None:
        """Keys that are held from now on."""
        self._write("chord", at=at, keys=list(keys))

    def seed(self, at: int, seed: int) -> None:
        self._write("seed", at=at, seed=seed)

    # ------------------------------------------------------------ what is heard

    def playing(self, reel: int) -> None:
        """The room says that it plays the run's reel number `reel`, from 0."""
        if reel != self._last_reel + 1 or reel >= self._playing_due_reel:
            self._playing_due_reel = reel + round(PLAYING_EVERY_S * SAMPLE_RATE_HZ / REEL_FRAMES)
            self._write("playing", reel=reel)
        self._last_reel = reel

    def hold(self, on: bool) -> None:
        self._write("hold", on=int(on))

    def failed(self, at: int, why: str) -> None:
        self._write("failed", at=at, why=why)

    def close(self) -> None:
        self._write("end")
        if self._writer:
            self._writer.close()


def _texture_is(path: Path) -> dict[str, str]:
    return {"texture_is": file_fingerprint(path)}
