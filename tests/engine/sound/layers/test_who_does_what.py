"""The page that says which pyo object does which job, and where, says what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
ROW = re.compile(r"^\| [^|]+ \| ([^|]*`pyo\.[^|]*) \| `(engine/[^`]+)`, ([^|]*) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs/measurements/layers.md").read_text(encoding="utf-8"))
JOBS = {"Pan", "Pointer2", "ComplexRes", "ButLP", "Follower2", "Delay", "Vocoder", "Allpass", "SDelay", "Tone", "Pow"}


def test_it_names_an_object_for_every_job() -> None:
    assert set(re.findall(r"pyo\.(\w+)", " ".join(objects for objects, _, _ in ROWS))) >= JOBS


@pytest.mark.parametrize(("objects", "file", "numbers"), ROWS, ids=[f"{file}:{numbers}" for _, file, numbers in ROWS])
def test_each_object_is_made_in_the_line_that_is_named(objects: str, file: str, numbers: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    named = [lines[int(number) - 1] for number in re.findall(r"\d+", numbers)]
    wanted = re.findall(r"`(pyo\.\w+)`", objects)
    assert len(named) == len(wanted)
    for name, line in zip(wanted, named, strict=True):
        assert f"{name}(" in line
