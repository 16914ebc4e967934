"""The album as one gapless file with its cue sheet, and the checksums of everything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.album.plan.plan import CD_FRAMES_PER_S, RecordPlan
from engine.album.rendering.workers import Report
from engine.album.sound_files.audio_files import Tags, whole_blocks, write_audio
from engine.cores import usable_cores
from engine.parameters.titles import one_line

ALBUM_FILE: Final = "album.flac"
CHECKSUMS_FILE: Final = "checksums.sha256"


def write_album(folder: Path, plan: RecordPlan, rate_hz: int, tags: Tags, report: Report) -> None:
    """All tracks end to end, frame for frame, as `album.flac`, and `album.cue` beside it."""
    paths = [folder / f"{track.slug}.wav" for track in plan.tracks]
    frames = [soundfile.info(path).frames for path in paths]
    write_audio(folder / ALBUM_FILE, _pieces(paths, sum(frames), report), rate_hz, tags)
    (folder / "album.cue").write_text(cue_sheet(plan, frames, rate_hz, tags), "utf-8")


def _pieces(paths: Sequence[Path], total: int, report: Report) -> Iterator[NDArray[np.int32]]:
    done = 0
    for path in paths:
        for piece in whole_blocks(path):
            yield piece
            done += len(piece)
            report(done / total)


def cue_sheet(plan: RecordPlan, frames: Sequence[int], rate_hz: int, tags: Tags) -> str:
    """A cue sheet for the album; every track begins on a whole CD frame, so its times are exact."""
    lines = [
        f'REM COMMENT "{_quoted(tags.comment)}, {_quoted(tags.software)}"',
        f'PERFORMER "{_quoted(tags.artist)}"',
        f'TITLE "{_quoted(tags.album)}"',
        f'FILE "{ALBUM_FILE}" WAVE',
    ]
    start = 0
    for track, count in zip(plan.tracks, frames, strict=True):
        lines += [
            f"  TRACK {track.number:02d} AUDIO",
            f'    TITLE "{_quoted(track.track.title)}"',
            f'    PERFORMER "{_quoted(tags.artist)}"',
            f"    INDEX 01 {_cue_time(start, rate_hz)}",
        ]
        start += count
    return "\n".join(lines) + "\n"


def _cue_time(frame: int, rate_hz: int) -> str:
    """Minutes, seconds and CD frames."""
    seconds, rest = divmod(frame * CD_FRAMES_PER_S // rate_hz, CD_FRAMES_PER_S)
    return f"{seconds // 60:02d}:{seconds % 60:02d}:{rest:02d}"


def _quoted(text: str) -> str:
    """Cue sheets know neither escapes nor lines that go on."""
    return str(one_line(text)).replace('"', "'")


def write_checksums(folder: Path) -> None:
    """SHA-256 of every file, as `sha256sum -c checksums.sha256` reads them."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor(usable_cores()) as threads:  # hashing and reading let go of Python's lock
        digests = threads.map(_digest, paths)
        lines = [
            f"{digest}  {path.relative_to(folder).as_posix()}" for path, digest in zip(paths, digests, strict=True)
        ]
    (folder / CHECKSUMS_FILE).write_text("\n".join(lines) + "\n", "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
