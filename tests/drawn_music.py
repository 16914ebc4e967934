"""`python -m tests.drawn_music NETWORK`: what is drawn by chance, as checksums, and by what processor.

NETWORK is a small network of textures, with the plan that it follows. For `test_processors`.

Runs in a process of its own, since what a processor is taken for is decided when libraries are loaded.
"""

from __future__ import annotations

import gc
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numba.core.cpu import CPUContext
from numba.core.registry import cpu_target

from engine.album.performance.performance import perform
from engine.album.plan.plan import load_plan
from engine.album.rendering.tasks import performer_of
from engine.music.conductor.conductor import Conductor
from engine.music.midi.writing import write_voices
from engine.music.notes import Note, Phrase
from engine.music.phrases.store import Request
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from engine.parameters.scales import MODES
from engine.sampler.sampler import conditioning_of
from models.common.weights import weights_path
from models.performers.accompaniment.accompanist import accompanied
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.rejection_sampling import draw_kept
from models.performers.humaniser.humaniser import humanised
from models.performers.interpolation.interpolation import shipped
from models.performers.quotation.quotation import Quotations
from models.textures.drawing import TextureDraw
from models.textures.network_file import load_network

PERFORMERS = ("satie", "rolls", "satie_transformer", "rolls_transformer")
EVENTS = 120
ASKED = Conditioning(
    phrase_s=8.0,
    density_notes_per_s=2.0,
    pitch_class_weights=(1, 0.1, 0.5, 0.1, 0.75, 0.5, 0.1, 0.85, 0.1, 0.5, 0.1, 0.5),
)
MOOD = "gnossienne"
SHEET = """
title: Short
tracks:
  - title: One
    tail_s: 2
    scale: {root: D, mode: major}
    performer: {name: satie, phrase_s: 8, density_notes_per_s: 2}
    sections:
      - {name: opening, length: 9, takes: 2}
      - {name: return, length: 9, again: opening}
      - {name: close, length: 9, cadence: true}
"""


class Drawn:
    """A source of phrases that is never late."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        if request.towards is not None:
            return None
        return performer_of(request.performer).draw(request.seed, conditioning_of(request))


def performers() -> Iterator[tuple[str, bytes]]:
    """Events that each plays, asked for nothing and, guided, for a density and a scale."""
    for name in PERFORMERS:
        performer = Performer(name, weights_path(name))
        for asked in (Conditioning(), ASKED):
            yield f"{name} {'guided' if asked is ASKED else 'free'}", performer.draw_events(3, asked, EVENTS).tobytes()


def criticised() -> bytes:
    """The phrase that a critic prefers, with what was said against others."""
    weights = weights_path("rolls_transformer")
    performer, critic = Performer("rolls_transformer", weights), Critic.beside(weights)
    kept = draw_kept(performer, 5, ASKED, Quotations.beside(weights), 12, critic=critic, candidates=2)
    return repr((kept.phrase, kept.quoted_notes, kept.refused)).encode()


def small_networks() -> Iterator[tuple[str, bytes]]:
    """What is done with notes that are there."""
    run = [Note(0.3 * n, 60 + (5 * n) % 17, 0.3, 50 + n) for n in range(24)]
    chords = [Note(0.6 * n, pitch + n % 3, 0.6, 60) for n in range(12) for pitch in (48, 64)]
    yield "humanised", repr(humanised(run, 3)).encode()
    yield "interpolated", repr(shipped().towards(run, sorted(chords), 0.4, Scale(2, MODES["major"]))).encode()
    melody = tuple(note for note in run if note.onset_s < 3.0)
    performer = Performer("rolls_transformer", weights_path("rolls_transformer"))
    yield "accompanied", repr(accompanied(performer, melody, 3, ASKED).notes).encode()


def scores() -> bytes:
    """The conductor's first three."""
    mood = load_mood(MOOD)
    mood.performer.phrase_s = 8.0
    conductor = Conductor(1, mood, Drawn())
    return repr([conductor.next_score() for _ in range(3)]).encode()


def album_midi() -> bytes:
    """All files of a short track."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "short.yaml").write_text(SHEET, "utf-8")
        [track] = load_plan(folder / "short.yaml").tracks
        played = perform(track, folder, 1917, {}, performer_of)
        files = write_voices(folder / "midi", [(item.start_s, item.score) for item in played.placed])
        return b"".join(file.name.encode() + file.read_bytes() for file in sorted(files))


def texture(network: Path) -> Iterator[tuple[str, bytes]]:
    """Codes of the plan, classes of the networks that follow it, and the sound; one of them keeps to a sketch."""
    draw = TextureDraw(load_network(str(network)), "tape", 1, 0.5, seed=4, scale=(0, 4, 7))
    while not draw.done:
        draw.advance(20)
    yield "codes of a texture", draw.plans[0].drawing.codes.tobytes()
    yield "classes of a texture", draw.voices[0].classes.tobytes()
    yield "sound of a texture", draw.checksum(0).encode()
    draw = TextureDraw(load_network(str(network.parent / "haze")), "tape", 1, 0.5, seed=4, scale=(0, 4, 7))
    while not draw.done:
        draw.advance(20)
    yield "sketch of a texture", draw.voices[0].sketch(1).tobytes()
    yield "classes on a sketch", draw.voices[0].classes.tobytes()


def processor() -> list[str]:
    """What Numba compiles for, and what NumPy makes use of."""
    context = cpu_target.target_context
    assert isinstance(context, CPUContext)
    used = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    return [context.codegen().magic_tuple()[1], *sorted(name for name, on in used.items() if on)]


def main() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)  # a compiler makes millions of objects that stay to the end
    music = {"criticised": criticised(), "scores": scores(), "album": album_midi()}
    found = {**dict(performers()), **dict(small_networks()), **music, **dict(texture(Path(sys.argv[1])))}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}
    json.dump({"drawn": sums, "processor": processor()}, sys.stdout)


if __name__ == "__main__":
    main()
