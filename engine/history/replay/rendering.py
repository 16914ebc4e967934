"""Renders a stretch of the past again: its stems, their sum, and its notes, into a folder that appears whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import SoundFontError
from engine.history.replay.notes import write_notes
from engine.history.replay.replay import Complaints, OutOfScoresError, RunReplay
from engine.journal.fingerprints import engine_fingerprint, excerpt_fingerprint, file_fingerprint
from engine.journal.runs import RunRecords
from engine.journal.stretch import Piece, Stretch, local
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.reels.format import TAIL_FRAMES
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.voices.soundfonts import find_soundfont
from models.common.weights import weights_path

BYTES_PER_S: Final = 1_200_000
"""All stems and their sum as FLAC, at the loudest."""
SUBTYPE: Final = "PCM_24"
NOT_HEARD: Final = 10 ** (-120 / 20)
"""A stem whose peaks stay below this gets no file."""

Progress = Callable[[float], None]
"""Told the share that is done, 0..1."""


@dataclass
class Rendering:
    """How to render: where textures may be by now, whether from each run's beginning, who hears of progress."""

    textures: Sequence[Path]
    from_beginning: bool = False
    progress: Progress = lambda _: None
    complaints: Complaints = field(default_factory=Complaints)


def render_into(folder: Path, stretch: Stretch, runs: Sequence[RunRecords], rendering: Rendering) -> None:
    """Write NAME.flac for each stem that is heard, `mix.flac`, `score.mid`, phrases, and `stretch.json`.

    The sum is what the engine sent to the room: without the room's faders, reverberation and hold loop.
    """
    by_run = {run.run: run for run in runs}
    peaks = np.zeros(len(STEMS))
    with ExitStack() as files:
        names = (*STEMS, "mix")
        writers = [files.enter_context(_flac(folder / f"{name}.flac")) for name in names]
        for block in render(stretch, by_run, rendering):
            pairs = block.reshape(len(block), len(STEMS), 2)
            peaks = np.maximum(peaks, np.abs(pairs).max(axis=(0, 2)))
            for number, writer in enumerate(writers[:-1]):
                writer.write(pairs[:, number])
            writers[-1].write(pairs.sum(axis=1))
    for stem, peak in zip(STEMS, peaks, strict=True):
        if peak < NOT_HEARD:
            (folder / f"{stem}.flac").unlink()
        elif peak > 1.0:
            rendering.complaints.add(f"{stem} is louder than a FLAC file can hold, and clipped there")
    write_notes(folder, stretch, by_run)
    _describe(folder / "stretch.json", stretch, by_run, rendering.complaints)


def render(stretch: Stretch, runs: dict[str, RunRecords], rendering: Rendering) -> Iterator[NDArray[np.float32]]:
    """All stems of the stretch in order, [frames, CHANNELS] a time; silence where the engine was not heard.

    Where one run follows another they cross as two reels do in the room.
    """
    place = 0
    tail = np.zeros((0, CHANNELS), dtype=np.float32)
    for piece in stretch.pieces:
        if piece.place > place:
            yield _with_tail(np.zeros((piece.place - place, CHANNELS), dtype=np.float32), tail)
            tail, place = tail[:0], piece.place
        more = min(TAIL_FRAMES, stretch.frames - piece.place - piece.frames)
        sound = _render_piece(piece, more, runs[piece.run], rendering)
        for number, block in enumerate(sound):
            rest = piece.place + piece.frames - place
            if number == 0 and piece.place > 0:
                _fade_in(block)
            body = _with_tail(block[:rest], tail)
            tail = block[rest:] if len(block) > rest else tail[:0]
            if len(body):
                yield body
            place += len(body)
            rendering.progress(place / stretch.frames)
        tail = _faded_out(tail)
    if place < stretch.frames:
        yield _with_tail(np.zeros((stretch.frames - place, CHANNELS), dtype=np.float32), tail)


def _render_piece(piece: Piece, more: int, run: RunRecords, rendering: Rendering) -> Iterator[NDArray[np.float32]]:
    """Its frames and `more` after them: a first block with all that belongs to its first step, a last one with both."""
    _compare(run, rendering.complaints)
    head = run.head.fields
    replay = RunReplay(
        run.records,
        piece.first_frame,
        seed=int(head["seed"]),
        soundfont=_soundfont(head, rendering.complaints),
        textures=rendering.textures,
        complaints=rendering.complaints,
        from_beginning=rendering.from_beginning,
    )
    try:
        yield from _cut(replay, piece.first_frame, piece.frames, more)
    except OutOfScoresError:
        rendering.complaints.add("the journal's last second is missing; the stretch ends in silence")
    finally:
        replay.close()
    if not replay.in_step:
        rendering.complaints.add("records are missing: what follows them is near, but not the same")


def _cut(replay: RunReplay, first_frame: int, frames: int, more: int) -> Iterator[NDArray[np.float32]]:
    """Exactly `frames` from `first_frame` on, of which the last block also has the `more` that follow."""
    held = np.zeros((0, CHANNELS), dtype=np.float32)
    place, end = replay.first_frame, first_frame + frames
    while place < end + more:
        step = replay.step()[max(0, first_frame - place) : end + more - place]
        place += STEP_FRAMES
        held = np.concatenate([held, step])
        if place <= end and len(held):
            yield held
            held = held[:0]
    if len(held):
        yield held


def _with_tail(body: NDArray[np.float32], tail: NDArray[np.float32]) -> NDArray[np.float32]:
    length = min(len(body), len(tail))
    if length:
        body = body.copy()
        body[:length] += tail[:length]
    return body


def _fade_in(block: NDArray[np.float32]) -> None:
    """As the room fades a reel in that does not follow the one before."""
    length = min(TAIL_FRAMES, len(block))
    block[:length] *= np.sin(np.linspace(0, np.pi / 2, TAIL_FRAMES, dtype=np.float32))[:length, None]


def _faded_out(tail: NDArray[np.float32]) -> NDArray[np.float32]:
    return tail * np.cos(np.linspace(0, np.pi / 2, TAIL_FRAMES, dtype=np.float32))[: len(tail), None]


# ------------------------------------------------------------------- what is no longer as it was


def _soundfont(head: dict[str, Any], complaints: Complaints) -> Path | None:
    """The one that was played with, or the best there is."""
    if not head["soundfont"]:
        return None
    path = Path(str(head["soundfont"]))
    with suppress(SoundFontError):
        found = find_soundfont(path)
        if found and excerpt_fingerprint(found) != head["soundfont_is"]:
            complaints.add(f"SoundFont {path} is not what it was; voices sound as it is now")
        return found
    complaints.add(f"SoundFont {path} is gone; another plays")
    return find_soundfont()


def _compare(run: RunRecords, complaints: Complaints) -> None:
    head = run.head.fields
    if head.get("engine") != engine_fingerprint():
        complaints.add(f"the engine is another than the {head.get('version')} that played: sound may differ a little")
    for record in run.records:
        if record.kind == "weights":
            name = str(record.fields.get("performer"))
            path = weights_path(name)
            if not path.is_file() or file_fingerprint(path) != record.fields.get("weights_are"):
                complaints.add(f"the weights of {name} are not what they were; its phrases are those of the journal")
        elif record.kind in ("dropped", "failed"):
            complaints.add(f"the journal has a gap at {local(record.wall_s)} ({record.kind})")
    for line in run.losses.lines:
        complaints.add(line)


def _describe(path: Path, stretch: Stretch, runs: dict[str, RunRecords], complaints: Complaints) -> None:
    contents = {
        "from": local(stretch.start_s),
        "length_s": stretch.length_s,
        "pieces": [
            {
                "at_s": piece.place / SAMPLE_RATE_HZ,
                "length_s": piece.frames / SAMPLE_RATE_HZ,
                "run": piece.run,
                "first_frame": piece.first_frame,
                **{key: runs[piece.run].head.fields.get(key) for key in ("seed", "mood", "version")},
            }
            for piece in stretch.pieces
        ],
        "silent": [{"at_s": at_s, "length_s": length_s} for at_s, length_s in stretch.gaps_s],
        "not_as_it_was": complaints.lines,
    }
    path.write_text(json.dumps(contents, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _flac(path: Path) -> soundfile.SoundFile:
    return soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2, SUBTYPE, format="FLAC")
