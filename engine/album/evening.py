"""An evening that happened, mastered: a stretch of the journal rendered again and brought to a record's loudness."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from engine.album.output_folder import OutputFolder
from engine.album.plan.sheet import MasterSettings
from engine.album.rendering.gapless import write_checksums
from engine.album.rendering.order import SOFTWARE
from engine.album.sound_files.audio_files import Tags, blocks, read_audio, write_audio
from engine.album.sound_files.mastering import SILENT_LUFS, mastered
from engine.album.sound_files.resampling import at_rate
from engine.errors import RecordError
from engine.history.replay.rendering import Rendering, render_into
from engine.journal.runs import RunRecords
from engine.journal.stretch import Stretch, local
from engine.parameters.stems import STEMS

BYTES_PER_S: Final = 2_600_000
"""Stems and their sum as FLAC, twice while it is mastered, and the WAV."""
_RENDERED: Final = 0.85
"""Share of the work that is done when all stems are there."""


def master_evening(
    folder: OutputFolder, stretch: Stretch, runs: Sequence[RunRecords], rate_hz: int, report: Callable[[float], None]
) -> list[str]:
    """Writes `evening.flac` and `.wav`, stems that sum to them, notes and checksums; gives what it could not do.

    Raises `RecordError` where that evening was silent; nothing half done stays, whatever happens.
    """
    raw = folder.work / "work"
    try:
        raw.mkdir()
        rendering = Rendering(textures=[], progress=lambda share: report(_RENDERED * share))
        render_into(raw, stretch, runs, rendering)
        _finish(raw, folder.work, rate_hz, f"{local(stretch.start_s)}")
        shutil.rmtree(raw)
        write_checksums(folder.work)
        folder.finish()
    except BaseException:
        folder.abandon()
        raise
    report(1.0)
    return list(rendering.complaints.lines)


def _finish(raw: Path, out: Path, rate_hz: int, when: str) -> None:
    mix, _ = read_audio(raw / "mix.flac")
    sound, gain, loudness = mastered(at_rate(mix, rate_hz), rate_hz, MasterSettings())
    if loudness.lufs <= SILENT_LUFS:
        raise RecordError(f"{when}: the room was silent then; `journal list` shows when it played")
    tags = Tags(title=f"An evening, {when}", artist="Ameublement", album="Evenings", software=SOFTWARE)
    for name in ("evening.flac", "evening.wav"):
        write_audio(out / name, blocks(sound), rate_hz, tags)
    (out / "stems").mkdir()
    for stem in STEMS:
        if (raw / f"{stem}.flac").is_file():
            own, _ = read_audio(raw / f"{stem}.flac")
            write_audio(out / "stems" / f"{stem}.flac", blocks(at_rate(own, rate_hz), gain), rate_hz, Tags(title=stem))
    for path in (raw / "score.mid", raw / "stretch.json", raw / "phrases"):
        if path.exists():
            shutil.move(path, out / path.name)
