"""One stretch that somebody keeps: the room's sound at once, then the stems and notes, rendered beside the music.

The stems begin a margin after the room's sound, which is cut to them once they are there to tell where they lie in it.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import soundfile

from engine.errors import AmeublementError
from engine.files.paths import COMMAND_LINE, ROOT
from engine.history.archive.alignment import MARGIN_S, cut_room, place_in_room
from engine.history.archive.heard_files import heard_files
from engine.history.archive.ring import File, Ring, lately, sound_of, with_silences
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.signals import become_child

SETTLES_S: Final = 6.0
"""The journal says some seconds later what was heard until now."""
LAST_IN_ORDER: Final = 12
"""How far rendering stands back behind the music (nice(2))."""
BYTES_PER_S: Final = 1_500_000
"""Room, stems and sum, at the loudest."""
RESERVE_BYTES: Final = 500_000_000


@dataclass
class Excerpt:
    """Files grow in `part`, a hidden folder; `finish` gives it its name.

    `start_s` (since 1970) and `length_s` are those of the stems, which `room.flac` surrounds by `margin` frames.
    """

    part: Path
    start_s: float
    length_s: float
    margin: int
    state: Path
    _renderer: subprocess.Popen[bytes] | None = None
    _began_s: float = 0.0

    def begin_stems(self) -> None:
        """Start rendering, once the journal has caught up."""
        if self._renderer is not None or time.time() < self.start_s + self.length_s + SETTLES_S:
            return
        at = datetime.fromtimestamp(self.start_s, UTC).isoformat(timespec="milliseconds")
        command = [*COMMAND_LINE, "replay", "--at", at]
        command += ["--minutes", f"{self.length_s / 60:.6f}", "--out", str(self.part / "stems"), "--state"]
        with (self.part / "stems.log").open("wb") as log:
            self._renderer = subprocess.Popen(
                [*command, str(self.state)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=lambda: become_child(LAST_IN_ORDER),  # noqa: PLW1509  (no threads here that hold a lock)
            )

    @property
    def rendered(self) -> bool:
        """Whether the stems are there, or never will be."""
        return self._renderer is not None and self._renderer.poll() is not None

    def finish(self, folder: Path) -> tuple[Path, str]:
        """The folder in which it now lies, and what is wrong with its stems, if anything is. Raises OSError.

        Stems that are still being rendered are given up.
        """
        trouble = self._end_rendering()
        if not trouble:
            (self.part / "stems.log").unlink(missing_ok=True)
            trouble = self._bring_into_step()
        name = datetime.fromtimestamp(self.start_s, UTC).astimezone().strftime("%Y-%m-%d %H.%M.%S")
        path, number = folder / name, 1
        while path.exists():
            number += 1
            path = folder / f"{name} {number}"
        self.part.rename(path)
        return path, trouble

    def _bring_into_step(self) -> str:
        """Cut the room's sound to the stems, frame for frame; what is wrong where that cannot be."""
        room, sent = self.part / "room.flac", self.part / "stems" / "mix.flac"
        try:
            place = place_in_room(room, sent, 2 * self.margin)
            cut_room(room, self.margin if place is None else place, soundfile.info(sent).frames)
        except (OSError, soundfile.SoundFileError) as problem:
            return f"in step with the stems to half a second only: {problem}"
        if place is None:
            return "in step with the stems to a tenth of a second only: the room's sound does not tell"
        return ""

    def abandon(self) -> None:
        self._end_rendering()
        shutil.rmtree(self.part, ignore_errors=True)

    def _end_rendering(self) -> str:
        """Why there are no stems, empty where there are."""
        if not self.rendered:
            if self._renderer is not None:
                self._renderer.kill()
                with suppress(subprocess.TimeoutExpired):
                    self._renderer.wait(1.0)
            for left in self.part.glob(".stems*"):
                shutil.rmtree(left, ignore_errors=True)
            return "without stems: the installation was stopped before they were rendered; `replay` still can"
        if self._renderer is None or self._renderer.returncode == 0:
            return ""
        said = (self.part / "stems.log").read_text("utf-8", errors="replace").strip().splitlines()
        return f"without stems: {said[-1] if said else f'status {self._renderer.returncode}'}"


def keep_room(state: Path, ring: Ring, runtime_heard: Path, minutes: float, end_s: float) -> Excerpt:
    """Write `room.flac`, the `minutes` before `end_s` (since 1970) or as much of them as there is, into a new part.

    It is longer by what it will be cut by. Raises AmeublementError where there is nothing, or no room on the disk.
    """
    on_disk = ring.files()
    newest_s = on_disk[-1].end_s if on_disk else 0.0
    in_memory = [file for file in heard_files(runtime_heard) if file.end_s > newest_s + 0.001]
    length_s = minutes * 60.0 + 2 * MARGIN_S
    files = lately(on_disk, in_memory, length_s + max(0.0, time.time() - end_s))
    if not files:
        raise AmeublementError("nothing of what the room heard is at hand yet; try again in some seconds")
    kept = state / "kept"
    part = kept / f".{round(end_s * 1000)}.part"
    try:
        part.mkdir(parents=True)
        _check_space(kept, length_s)
        start_s, frames = _write_room(part / "room.flac", files, length_s, end_s)
    except (OSError, soundfile.SoundFileError) as problem:
        shutil.rmtree(part, ignore_errors=True)
        raise AmeublementError(f"{kept} cannot be written: {problem}") from problem
    except AmeublementError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    margin = min(round(MARGIN_S * SAMPLE_RATE_HZ), frames // 4)
    margin_s = margin / SAMPLE_RATE_HZ
    return Excerpt(part, start_s + margin_s, frames / SAMPLE_RATE_HZ - 2 * margin_s, margin, state)


def _check_space(folder: Path, length_s: float) -> None:
    needed, free = length_s * BYTES_PER_S + RESERVE_BYTES, shutil.disk_usage(folder).free
    if free < needed:
        raise AmeublementError(
            f"{folder} has {free / 1e6:.0f} MB free, and {needed / 1e6:.0f} MB may be needed; "
            "make room, or keep fewer minutes"
        )


def _write_room(path: Path, files: list[File], length_s: float, end_s: float) -> tuple[float, int]:
    """The last `length_s` of these files up to `end_s`; when that begins (since 1970), and its frames."""
    pieces = with_silences(files)
    total = sum(frames for _, frames in pieces)
    last_s = files[-1].end_s
    after = min(total, max(0, round((last_s - end_s) * SAMPLE_RATE_HZ)))
    wanted = min(total - after, round(length_s * SAMPLE_RATE_HZ))
    skip = total - after - wanted
    with soundfile.SoundFile(path, "w", SAMPLE_RATE_HZ, 2, "PCM_24", format="FLAC") as writer:
        place = 0
        for file, frames in pieces:
            begin, end = max(0, skip - place), min(frames, skip + wanted - place)
            if end > begin:
                writer.write(sound_of(file, begin, end))
            place += frames
    return last_s - (after + wanted) / SAMPLE_RATE_HZ, wanted
