"""Faults within a part that lives on and answers: what Pd computes goes wrong, or what the renderer does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from engine.osc.port import LOOPBACK
from tests.faults.stage import Stage

ROAR, CURRENT, ONE_VALUE, SHORT_LOOP, STANDING, NO_REPORTS, NO_REELS = range(1, 8)
"""Kinds of fault in Pd; the first five are explained in `patches/faulty-mix~.pd`."""

PATCHES: Final = Path(__file__).with_name("patches")
_IN_THE_PLACE_OF: Final = (
    ("room/stereo.pd", "receive~ room-l", "faulty-mix~ room-l"),
    ("room/stereo.pd", "receive~ room-r", "faulty-mix~ room-r"),
    ("room.pd", "obj 600 120 r room-to-all", f"obj 600 120 faulty-r room-to-all {NO_REPORTS}"),
    ("room.pd", "obj 30 130 r room-reel", f"obj 30 130 faulty-r room-reel {NO_REELS}"),
)

SPOILER: Final = """
import time
from pathlib import Path

import numpy as np

from engine.renderer.renderer import Renderer
from engine.renderer.studio import Studio

_kind, _gain = "", 1.0

def _spoilt():
    global _kind
    try:
        _kind = _kind or Path({flag!r}).read_text()
        Path({flag!r}).unlink()
    except OSError:
        pass
    return _kind

def _spoil(step):
    def render_step(self):
        global _gain
        stems, mix = step(self)
        if kind := _spoilt():
            if kind == "fade":
                stems = stems * np.geomspace(_gain, _gain / 2, len(stems), dtype=np.float32)[:, None]
                _gain /= 2
            stems = stems + np.float32(8.0 if kind == "roar" else 0.0) * np.random.default_rng(1).uniform(
                -1, 1, stems.shape).astype(np.float32)
            stems = stems + np.float32(0.01 if kind == "current" else 0.0)
            stems = stems * np.float32(float("nan") if kind == "nan" else 0.0 if kind == "silence" else 1.0)
        return stems, mix
    return render_step

def _idle(render):
    return lambda self: time.sleep(0.05) if _spoilt() == "idle" else render(self)

Studio.render_step = _spoil(Studio.render_step)
Renderer._render = _idle(Renderer._render)

main()
"""


def faulty_patches(stage: Stage) -> Sequence[str]:
    """Patches that work until they are told what to do wrong; the next room's are told nothing."""
    folder = stage.project / "pd_patches"
    for path in PATCHES.glob("*.pd"):
        shutil.copy(path, folder / "room")
    for name, whole, faulty in _IN_THE_PLACE_OF:
        _replace(folder / name, whole, faulty)
    return ()


def in_pd(kind: int) -> Callable[[Stage], None]:
    """Said to the room that sounds, on a way that its patches leave open."""
    return lambda stage: stage.run.controller.send((LOOPBACK, stage.run.port + 1), "/hold/fault", float(kind))


def faulty_renderer(stage: Stage) -> Sequence[str]:
    """A renderer that does what a file says, which it then removes: the next one is whole."""
    text = SPOILER.format(flag=str(_flag(stage)))
    _replace(stage.project / "engine" / "renderer" / "__main__.py", "\nmain()\n", text)
    return ()


def in_renderer(kind: str) -> Callable[[Stage], None]:
    """It lasts as long as that renderer does."""
    return lambda stage: _flag(stage).write_text(kind) and None


def _flag(stage: Stage) -> Path:
    return stage.folder / "spoilt"


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    if text.count(old) != 1:
        raise RuntimeError(f"{path.name}: {old!r} was expected once")
    path.write_text(text.replace(old, new), "utf-8")
