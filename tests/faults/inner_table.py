"""Faults within a part that lives on and answers: the renderer judges itself, and the ear judges Pd."""

from __future__ import annotations

from typing import Final

from tests.faults.fault import Fault
from tests.faults.inner_acts import (
    CURRENT,
    NO_REELS,
    NO_REPORTS,
    ONE_VALUE,
    ROAR,
    SHORT_LOOP,
    STANDING,
    faulty_patches,
    faulty_renderer,
    in_pd,
    in_renderer,
)

BEFORE_HEARD: Final = "gives way before it is heard"


def _renderer(
    what: str,
    expected: str,
    kind: str,
    says: str,
    lasts_s: float = 2.0,
    click_db: float | None = -60.0,
    then: str = "renderer ended with status 1",
    gap_s: float = 0.0,
) -> Fault:
    return Fault(
        f"renderer that {what}",
        expected,
        in_renderer(kind),
        (says, then),
        gap_s=gap_s,
        lasts_s=lasts_s,
        prepare=faulty_renderer,
        together=True,
        click_db=click_db,
    )


def _pd(
    name: str,
    kind: int,
    says: str,
    lasts_s: float = 6.0,
    *,
    wrong_s: float = 0.0,
    gap_s: float = 1.0,
    expected: str = "found out by ear, spare room",
) -> Fault:
    return Fault(
        name,
        expected,
        in_pd(kind),
        (says, "spare room takes its place"),
        gap_s=gap_s,
        lasts_s=lasts_s,
        rest_s=16.0,
        wrong_s=wrong_s,
        prepare=faulty_patches,
        together=True,
        click_db=None,
    )


IN_RENDERER: Final = (
    _renderer("computes NaN", BEFORE_HEARD, "nan", "is no number"),
    _renderer("roars", BEFORE_HEARD, "roar", "the sound peaks at"),
    _renderer("sends direct current", BEFORE_HEARD, "current", "a direct current"),
    _renderer("falls silent", BEFORE_HEARD, "silence", "the sound breaks off"),
    # What has faded to -90 dB passes 0 for a frame or two.
    _renderer("fades away", "gives way when a note is not heard", "fade", "no sound, though", 7.0, gap_s=0.001),
    _renderer(
        "answers and renders nothing",
        "hold loop, another renderer",
        "idle",
        "renders nothing",
        34.0,
        then="renderer is started anew",
    ),
)

IN_PD: Final = (
    _pd("a roar out of Pd itself", ROAR, "far too loud", wrong_s=4.5),
    _pd("a direct current out of Pd itself", CURRENT, "a direct current", 7.0, wrong_s=5.5),
    _pd("one value out of Pd itself", ONE_VALUE, "one value stands still", wrong_s=4.5),
    _pd("64 frames over and over out of Pd itself", SHORT_LOOP, "the same sound repeats", 29.0, wrong_s=28.0),
    _pd("no sound is computed, though Pd speaks", STANDING, "no sound is computed", gap_s=2.5),
    _pd("Pd does not say what it plays", NO_REPORTS, "no reel follows"),
    _pd("Pd does not take reels any more", NO_REELS, "stays in its hold loop", 26.0, expected="hold loop, spare room"),
)
