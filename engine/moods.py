"""Moods: reading, checking and listing the presets; every complaint says where, what was expected, what is nearest."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import MoodError
from engine.scale import intervals_of
from engine.settings import Mood

MOODS_FOLDER: Final = Path(__file__).resolve().parent.parent / "presets" / "moods"
MOST_BYTES: Final = 100_000

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Both read the same; the one in C is quicker, and a mood may be stored while the room plays."""

_PathOfKeys = tuple[str | int, ...]


def list_moods(folder: Path = MOODS_FOLDER) -> tuple[str, ...]:
    """Names of the moods in `folder`, in alphabetical order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml") if not path.name.startswith(".")))


def load_mood(name_or_path: str | Path, folder: Path = MOODS_FOLDER) -> Mood:
    """The mood of that name in `folder`, or in the file of that path (which ends in .yaml or .yml)."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith((".yaml", ".yml")):
        return read_mood(Path(name_or_path))
    names = list_moods(folder)
    if text not in names:
        raise MoodError(f"no mood is called {text!r}.{_nearest(text, names)} Moods: {', '.join(names) or 'none'}")
    return read_mood(folder / f"{text}.yaml")


def read_mood(path: Path) -> Mood:
    """A mood from a file, checked in full; `MoodError` holds one line per thing that is wrong."""
    return parse_mood(_text_of(path), path)


def parse_mood(text: str, path: Path) -> Mood:
    """A mood from YAML, checked in full; complaints name `path`."""
    root = _compose(text, path)
    if not isinstance(root, yaml.MappingNode):
        raise MoodError(f"{path}: expected keys and values, such as `title: Gymnopédie`")
    lines = dict(_lines(root, path))
    try:
        mood = Mood.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506  (either is safe)
    except ValidationError as error:
        found = [_explain(path, lines, details) for details in error.errors()]
        raise MoodError("\n".join(found)) from None
    try:
        intervals_of(mood.scale.mode)
    except MoodError as error:
        raise MoodError(f"{_place(path, lines, ('scale', 'mode'))}: {error}") from None
    return mood


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MoodError(f"{path}: larger than {MOST_BYTES} bytes, which no mood is")
        return path.read_text("utf-8")
    except OSError as error:
        raise MoodError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MoodError(f"{path}: is not UTF-8 text") from None


def _compose(text: str, path: Path) -> Any:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise MoodError(f"{path}{where}: not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise MoodError(f"{path}: not valid YAML: {error}") from None


def _lines(node: yaml.MappingNode, path: Path, above: _PathOfKeys = ()) -> Iterator[tuple[_PathOfKeys, int]]:
    """Line (from 1) of every key; a key given twice is refused, since YAML would silently keep the last."""
    seen: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            raise MoodError(f"{path}, line {line}: {name!r} was already given in line {seen[name]}; keep one")
        seen[name] = line
        yield (*above, name), line
        if isinstance(value, yaml.MappingNode):
            yield from _lines(value, path, (*above, name))


def _explain(path: Path, lines: dict[_PathOfKeys, int], details: Any) -> str:
    keys: _PathOfKeys = tuple(details["loc"])
    place = _place(path, lines, keys)
    kind, given = details["type"], details.get("input")
    if kind == "extra_forbidden":
        known = _keys_at(keys[:-1])
        return f"{place}: unknown key {keys[-1]!r}.{_nearest(str(keys[-1]), known)} Known here: {', '.join(known)}"
    if kind == "literal_error":
        choices = [c.strip("' ") for c in str(details["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        return f"{place}: {given!r} is not one of {', '.join(choices)}.{_nearest(str(given), choices)}"
    if kind == "missing":
        return f"{place}: {keys[-1]!r} is missing; every mood needs it"
    if kind in ("model_type", "model_attributes_type"):
        return f"{place}: expected keys and values, not {given!r}. Known here: {', '.join(_keys_at(keys))}"
    message = str(details["msg"]).removeprefix("Value error, ")
    return f"{place}: {message[:1].lower()}{message[1:]}, not {given!r}"


def _place(path: Path, lines: dict[_PathOfKeys, int], keys: _PathOfKeys) -> str:
    line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
    name = ".".join(str(key) for key in keys)
    return f"{path}" + (f", line {line}" if line else "") + (f", {name}" if name else "")


def _keys_at(keys: Sequence[str | int]) -> list[str]:
    """Names of the settings below `keys`."""
    model: type[BaseModel] = Mood
    for key in keys:
        found = model.model_fields.get(str(key))
        inner = _model_in(found.annotation) if found else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in (Union, types.UnionType):
        return next((m for m in map(_model_in, get_args(annotation)) if m), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.4)
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
