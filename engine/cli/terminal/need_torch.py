"""torch, fetched by the commands that need it: the room plays without it, and it is by far the largest package."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from typing import Final

from rich.text import Text

from engine.cli.terminal.printing import plain_console
from engine.errors import AmeublementError
from engine.files.paths import PROJECT_FILE

EXTRA: Final = "train"


def need_torch(purpose: str) -> None:
    """See to it that what trains can be imported; where torch is missing, say why, and install it all with pip.

    `purpose` says what it is for, as in "training". Raises AmeublementError where pip cannot.
    """
    if find_spec("torch") is not None:
        return
    wanted = requirements()
    said = f"{purpose.capitalize()} needs packages that playing does not: installing {', '.join(wanted)}, this once."
    plain_console(stderr=True).print(Text(said, style="bold"))
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary", *wanted]
    if subprocess.run(command, check=False).returncode:
        raise AmeublementError(
            f"{purpose} needs torch, and pip could not install it; see above, or run by hand: {' '.join(command)}"
        )


def requirements() -> list[str]:
    """What the extra `train` names: as pyproject.toml says, or the installed package."""
    if PROJECT_FILE.exists():
        project = tomllib.loads(PROJECT_FILE.read_text("utf-8"))["project"]
        return list(project["optional-dependencies"][EXTRA])
    try:
        lines = requires("ameublement") or []
    except PackageNotFoundError:
        lines = []
    return [line.split(";")[0].strip() for line in lines if f'extra == "{EXTRA}"' in line]
