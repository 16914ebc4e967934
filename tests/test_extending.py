"""An effect and a voice are added to a copy of the project as `docs/extending.md` shows it, and are everywhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.files.paths import ROOT
from engine.parameters.stems import STEMS, VOICES
from engine.room.pd_process import find_pd

PAGE = (ROOT / "docs" / "extending.md").read_text("utf-8")
BLOCKS = [
    re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in re.findall(r"(?:^(?:    .*)?\n)+", PAGE, re.MULTILINE)
]


def block(beginning: str) -> str:
    """The example of the page that begins so."""
    (found,) = [one.strip() + "\n" for one in BLOCKS if one.strip().startswith(beginning)]
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extended")
    for name in ("engine", "pd_patches"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("models", "presets"):
        (folder / name).symlink_to(ROOT / name)
    effects = folder / "engine" / "sound" / "layers" / "effects"
    (effects / "fuzz.yaml").write_text(block("about: Rounds"), "utf-8")
    (effects / "fuzz.py").write_text(block("from typing"), "utf-8")
    stems = folder / "pd_patches" / "lib" / "stems.txt"
    lines = stems.read_text("utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if " texture " in line)
    stems.write_text("".join([*lines[:place], block("harp voice"), *lines[place:]]), "utf-8")
    return folder


def test_effect_and_voice_are_found_and_heard_everywhere(copy: Path) -> None:
    script = ROOT / "tests" / "extended_project.py"
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert set(found["stems"]) - set(STEMS) == {"harp"}
    assert set(found["voices"]) - set(VOICES) == {"harp"}
    assert {"/voice/harp/instrument", "/layer/harp/level_db", "/stem/harp/level_db", "/layer/piano/fuzz"} <= set(
        found["addresses"]
    )
    assert found["oscquery"]
    assert found["documented"]
    assert found["page"] == "colour"
    assert len(found["doubled"]) >= 3
    assert all(note in found["bells"] for note in found["doubled"])
    assert found["level"] > 1e-4
    assert found["changed"] > 0.2 * found["level"]


def test_pure_data_follows(copy: Path, tmp_path: Path) -> None:
    """Names as Pd prints them, of the copy and, beside it, of the project as it is."""
    for folder, stems in ((copy, {*STEMS, "harp"}), (ROOT, set(STEMS))):
        assert set(listed(folder / "pd_patches" / "lib", tmp_path)) == stems


def listed(library: Path, folder: Path) -> list[str]:
    """What the abstraction `stem-list` of that folder puts out."""
    patch = folder / "list.pd"
    patch.write_text(
        "#N canvas 0 0 400 300 12;\n#X obj 10 10 loadbang;\n#X obj 10 40 stem-list;\n#X obj 10 80 print stem;\n"
        "#X msg 90 80 \\; pd quit;\n#X obj 90 40 t b;\n#X connect 0 0 1 0;\n#X connect 0 0 4 0;\n#X connect 1 0 2 0;\n"
        "#X connect 4 0 3 0;\n",
        "utf-8",
    )
    command = [str(find_pd()), "-batch", "-nosound", "-noprefs", "-path", str(library), str(patch)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return re.findall(r"^stem: \d+ (\w+)$", result.stdout + result.stderr, re.MULTILINE)
