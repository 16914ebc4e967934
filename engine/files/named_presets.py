"""Presets that people name: by the name of a file in their folder, or by the path of a file of one's own."""

from __future__ import annotations

from pathlib import Path

from engine.errors import AmeublementError
from engine.files.checked_yaml import nearest


def is_path(name_or_path: str) -> bool:
    return name_or_path.endswith((".yaml", ".yml"))


def preset_names(*folders: Path) -> tuple[str, ...]:
    """In alphabetical order; what begins with a dot is not yet whole."""
    files = (path for folder in folders for path in folder.glob("*.yaml"))
    return tuple(sorted({path.stem for path in files if not path.name.startswith(".")}))


def preset_path(name_or_path: str, folder: Path, kind: str, error: type[AmeublementError]) -> Path:
    """The file of a preset; raises `error` for a name that there is not, with the nearest that there is."""
    if is_path(name_or_path):
        return Path(name_or_path)
    if name_or_path not in (names := preset_names(folder)):
        raise error(unknown(name_or_path, names, kind))
    return folder / f"{name_or_path}.yaml"


def unknown(name: str, names: tuple[str, ...], kind: str) -> str:
    """What to say of it; `kind` in the singular, which another s makes the plural."""
    return f"no {kind} is called {name!r}.{nearest(name, names)} {kind.capitalize()}s: {', '.join(names) or 'none'}"
