"""What the tests of sound share: scores, levels, a conductor with nothing but rules, files of tones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from engine.music.notes import Note, PedalSpan, Phrase, Score
from engine.music.phrases.store import Request
from engine.parameters.sound import Mood
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.layers.manual_server import ManualServer
from engine.sound.layers.table_readers import Reading, TableReaders

INSTRUMENTS = dict(zip(VOICES, ("piano", "cello", "bells", "choir", "guitar", "drums"), strict=True))


class NoPhrases:
    """A phrase source whose sampler never answers, so the conductor plays by rule."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        return None


def small_mood(**layers: dict[str, float]) -> Mood:
    return Mood.model_validate({"title": "Test", "conductor": {"breath_s": 0.5}, "layer": layers})


class PyoReader:
    """What pyo hears of loops, as a strip does."""

    def __init__(self) -> None:
        self._server = ManualServer(2, 1)
        sides, _ = self._server.source(2)
        self._readers = TableReaders(self._server, sides)
        self._readers.out.out(0)

    def read(self, readings: Sequence[Reading]) -> np.ndarray:
        """The next step, [2, STEP_FRAMES]."""
        self._readers.set(readings)
        return self._server.process().T

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[PyoReader]:
        """One per process at a time."""
        reader = cls()
        try:
            yield reader
        finally:
            reader._server.close()


def score(*notes: Note, voice: str = "piano", pedal: tuple[PedalSpan, ...] = (), length_s: float = 4.0) -> Score:
    return Score({voice: tuple(sorted(notes))}, pedal, length_s)


def rms(audio: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))


def write_tone(path: Path, frequency_hz: float = 440.0, length_s: float = 3.0, rate_hz: int = SAMPLE_RATE_HZ) -> Path:
    time_s = np.arange(round(length_s * rate_hz)) / rate_hz
    soundfile.write(path, 0.2 * np.sin(2 * np.pi * frequency_hz * time_s), rate_hz)
    return path


def loudest_hz(audio: np.ndarray, rate_hz: int = SAMPLE_RATE_HZ) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(audio.size)))
    return float(spectrum.argmax() * rate_hz / audio.size)
