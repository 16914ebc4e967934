"""Commands that train fetch torch with a word of explanation; playing never does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from engine.cli.terminal import need_torch
from engine.errors import AmeublementError
from engine.files.paths import ROOT


def test_nothing_is_fetched_where_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("pip was called"))
    need_torch.need_torch("training")


def test_a_missing_torch_is_said_and_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[Sequence[str]] = []

    def pip(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, len(commands) - 1)

    monkeypatch.setattr(need_torch, "find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", pip)
    need_torch.need_torch("training")
    (command,) = commands
    assert list(command[:4]) == [sys.executable, "-m", "pip", "install"]
    assert command[-1].startswith("torch>=")
    said = " ".join(capsys.readouterr().err.split())
    assert said.startswith("Training needs packages that playing does not: installing scikit-learn>=")
    assert "torch>=" in said
    with pytest.raises(AmeublementError, match="pip could not install it"):
        need_torch.need_torch("training")


PADS = min(path.stem for path in (ROOT / "presets" / "textures").glob("pads*.opus"))
"""One of them: to say of each what it sounds like takes a second."""
PLAYING = (
    ["models", "list"],
    ["phrases", "draw", "--count", "1", "--seed", "3"],
    ["textures", "list", PADS],
    ["moods"],
    ["check"],
)
WITHOUT_TORCH = f"""
import sys
class Missing:
    def find_spec(self, name, *_):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Missing())
from engine.cli.__main__ import main
for command in {PLAYING}:
    try:
        main(command)
    except SystemExit as end:
        assert not end.code, (command, end.code)
    print("\\f", flush=True)
"""


def test_commands_that_play_do_without_torch() -> None:
    """One after the other in one process, which loads everything else once."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.split("\f\n")[:-1]
    assert len(said) == len(PLAYING)
    assert all(said)
