"""What a studio needs to go on where another stood, all but the sound that still rings.

What rings (strings, reverbs, echoes) cannot be taken along; it comes back by itself when the studio plays the seconds
before. See `engine.history.replay.replay`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.parameters.glide import Moving
from engine.renderer.score_json import scheduled_from_json, scheduled_to_json
from engine.sound.stem_renderer import Scheduled
from engine.sound.textures.crossfade import LoopState, Source
from engine.sound.textures.treatment import Treatment


@dataclass(frozen=True, slots=True)
class StudioSnapshot:
    """Numbers as they were, bit for bit."""

    frame: int
    next_start: int
    journeys: Mapping[str, Moving]
    leveller: Mapping[str, float | None]
    textures: Mapping[str, tuple[LoopState, ...]]
    scheduled: tuple[Scheduled, ...]
    roots: tuple[tuple[int, str], ...]

    def to_json(self) -> dict[str, Any]:
        """For the journal; `from_json` takes it."""
        return {
            "frame": self.frame,
            "next_start": self.next_start,
            "journeys": {path: list(moving) for path, moving in self.journeys.items()},
            "leveller": dict(self.leveller),
            "textures": {stem: [_loop_to_json(loop) for loop in loops] for stem, loops in self.textures.items()},
            "scheduled": [scheduled_to_json(item) for item in self.scheduled],
            "roots": [list(root) for root in self.roots],
        }

    @classmethod
    def from_json(cls, contents: Mapping[str, Any]) -> StudioSnapshot:
        """Raises KeyError, TypeError or ValueError when `contents` is no such thing."""
        return cls(
            frame=int(contents["frame"]),
            next_start=int(contents["next_start"]),
            journeys={str(path): _moving(numbers) for path, numbers in contents["journeys"].items()},
            leveller={str(k): None if v is None else float(v) for k, v in contents["leveller"].items()},
            textures={str(s): tuple(map(_loop_from_json, loops)) for s, loops in contents["textures"].items()},
            scheduled=tuple(map(scheduled_from_json, contents["scheduled"])),
            roots=tuple((int(frame), str(root)) for frame, root in contents["roots"]),
        )


def source_to_json(source: Source) -> dict[str, Any]:
    return {"file": str(source.path), "treatment": asdict(source.treatment), "place": source.place}


def source_from_json(contents: Mapping[str, Any]) -> Source:
    """Raises KeyError, TypeError or ValueError when `contents` is no such thing."""
    treatment = dict(contents["treatment"])
    treatment["scale"] = tuple(int(pitch) for pitch in treatment["scale"])
    return Source(Path(str(contents["file"])), Treatment(**treatment), float(contents["place"]))


def _moving(numbers: Any) -> Moving:
    start, speed_per_s, target, length_s, passed_s, value, speed = map(float, numbers)
    return start, speed_per_s, target, length_s, passed_s, value, speed


_SHARES = ("position", "crossfade_s", "share", "wanted")


def _loop_to_json(loop: LoopState) -> dict[str, Any]:
    return {**source_to_json(loop.source), **{name: getattr(loop, name) for name in _SHARES}}


def _loop_from_json(contents: Mapping[str, Any]) -> LoopState:
    position, *others = (contents[name] for name in _SHARES)
    crossfade_s, share, wanted = map(float, others)
    return LoopState(source_from_json(contents), int(position), crossfade_s, share, wanted)
