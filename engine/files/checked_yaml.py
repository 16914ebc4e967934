"""Reading YAML into a checked model; every complaint says where, what was expected, what is nearest."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import AmeublementError

MOST_BYTES: Final = 100_000
DEEPEST: Final = 50
LONGEST_SHOWN: Final = 200
"""Of what a file says, this many characters are repeated in a complaint."""

_NOTHING: Final = re.compile(r"(?:~|null)?$")
_Base: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Both read the same; the one in C is quicker, and a mood may be stored while the room plays."""


_EXPECTED: Final = {
    "float_parsing": "expected a number such as -12.5",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_parsing": "expected on or off (yes and no, true and false do as well)",
    "bool_type": "expected on or off (yes and no, true and false do as well)",
    "string_type": "expected a word; in quotes where nothing else is meant",
    "tuple_type": "expected a list such as [one, two]",
    "list_type": "expected a list such as [one, two]",
}
"""What people are told where a library speaks of parsing and of types."""


class _Loader(_Base):
    """Takes words as they are written; what they stand for decides who asks for them, a number or a switch or a name.

    YAML 1.1 makes a truth of `off` and `No`, 540 of `9:00`, 8 of `010` and a date of a title that looks like one.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
        **{first: [("tag:yaml.org,2002:null", _NOTHING)] for first in ("~", "n", "")},
        "<": [("tag:yaml.org,2002:merge", re.compile("<<$"))],
    }


PathOfKeys = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document(Generic[Model]):
    """A file that was read, and the line of every key in it."""

    path: Path
    model: Model
    lines: Mapping[PathOfKeys, int]

    def place(self, *keys: str | int) -> str:
        """For complaints about what only shows once all is read: "a.yaml, line 3, scale.mode"."""
        return place(self.path, self.lines, keys)


def read_document(
    path: Path, model: type[Model], error: type[AmeublementError], kind: str, most_bytes: int = MOST_BYTES
) -> Document[Model]:
    """A file as `model`, checked in full; `error` is raised with one line per thing that is wrong.

    `kind` is what people call such a file: "mood".
    """
    return parse_document(read_text(path, error, kind, most_bytes), path, model, error, kind)


def parse_document(
    text: str, path: Path, model: type[Model], error: type[AmeublementError], kind: str
) -> Document[Model]:
    """The same from text; complaints name `path`."""
    root = _compose(path, text, error)
    if not isinstance(root, yaml.MappingNode):
        raise error(f"{path}: expected keys and values, such as `title: Gymnopédie`")
    lines = _checked_lines(root, path, error, most=len(text))
    try:
        return Document(path, model.model_validate(yaml.load(text, Loader=_Loader)), lines)  # noqa: S506  (either is safe)
    except ValidationError as problem:
        raise error(explained(problem, path, model, kind, lines)) from None
    except yaml.YAMLError as problem:  # a tag or key that is none
        raise _no_yaml(path, problem, error, text) from None
    except ValueError as problem:  # a date such as 2026-13-01, which YAML takes for one
        raise error(f"{path}: not valid YAML: {problem}") from None


def explained(
    problem: ValidationError,
    path: Path,
    model: type[Model],
    kind: str,
    lines: Mapping[PathOfKeys, int] = types.MappingProxyType({}),
) -> str:
    """What is wrong with the contents of `path`, a line each; `lines` says where keys stand, if that is known."""
    return "\n".join(dict.fromkeys(_explain(path, lines, details, model, kind) for details in problem.errors()))


def place(path: Path, lines: Mapping[PathOfKeys, int], keys: Sequence[str | int]) -> str:
    """Where in a file `keys` stand; the line is that of the innermost key there is."""
    keys = tuple(keys)
    line = next((lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in lines), None)
    name = ".".join(str(key) for key in keys)
    return f"{path}" + (f", line {line}" if line else "") + (f", {name}" if name else "")


def nearest(word: str, known: Sequence[str]) -> str:
    """ " Did you mean …?", or an empty text if no name is near."""
    by_letters = {name.casefold(): name for name in reversed(known)}
    near = [by_letters[name] for name in difflib.get_close_matches(word.casefold(), by_letters, n=3, cutoff=0.4)]
    return f" Did you mean {' or '.join(repr(n) for n in near)}?" if near else ""


def read_text(path: Path, error: type[AmeublementError], kind: str, most_bytes: int) -> str:
    """A whole text file; raises `error` where there is none, or one that is no text or larger than any `kind` is."""
    try:
        if path.stat().st_size > most_bytes:
            raise error(f"{path}: larger than {most_bytes} bytes, which no {kind} is")
        return path.read_text("utf-8")
    except OSError as problem:
        raise error(f"{path}: cannot be read: {problem.strerror}; expected a {kind}") from None
    except UnicodeDecodeError:
        raise error(f"{path}: is not UTF-8 text; expected a {kind}") from None


def _compose(path: Path, text: str, error: type[AmeublementError]) -> Any:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as problem:
        raise _no_yaml(path, problem, error, text) from None


def _no_yaml(path: Path, problem: yaml.YAMLError, error: type[AmeublementError], text: str) -> AmeublementError:
    if not isinstance(problem, yaml.MarkedYAMLError):
        return error(f"{path}: not valid YAML: {problem}")
    mark = problem.problem_mark or problem.context_mark
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    if mark and text.splitlines()[mark.line : mark.line + 1] and text.splitlines()[mark.line].strip(" ")[:1] == "\t":
        return error(f"{path}{where}: not valid YAML: a tab; indent with spaces")
    return error(f"{path}{where}: not valid YAML: {problem.problem or problem.context}")


def _checked_lines(root: yaml.Node, path: Path, error: type[AmeublementError], most: int) -> dict[PathOfKeys, int]:
    """All of `_lines`; refused are aliases that make a file endless, or more keys of it than `most` characters hold."""
    lines = {}
    for number, (keys, line) in enumerate(_lines(root, path, error)):
        if number > most or len(keys) > DEEPEST:
            where = place(path, {keys: line}, keys[:1])
            raise error(f"{where}: nested too deeply or repeated too often; write it out without `&` and `*`")
        lines[keys] = line
    return lines


def _lines(
    node: yaml.Node, path: Path, error: type[AmeublementError], above: PathOfKeys = ()
) -> Iterator[tuple[PathOfKeys, int]]:
    """Line (from 1) of every key and item; a key given twice is refused, since YAML would silently keep the last."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*above, index), item.start_mark.line + 1
            yield from _lines(item, path, error, (*above, index))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            raise error(f"{path}, line {line}: {name!r} was already given in line {seen[name]}; keep one")
        seen[name] = line
        yield (*above, name), line
        yield from _lines(value, path, error, (*above, name))


def _explain(path: Path, lines: Mapping[PathOfKeys, int], details: Any, model: type[BaseModel], kind: str) -> str:
    keys: PathOfKeys = tuple(details["loc"])
    where = place(path, lines, keys)
    problem, given = details["type"], details.get("input")
    if problem == "extra_forbidden":
        known = _keys_at(model, keys[:-1])
        return f"{where}: unknown key {keys[-1]!r}.{nearest(str(keys[-1]), known)} Known here: {', '.join(known)}"
    if problem == "literal_error":
        choices = [c.strip("' ") for c in str(details["ctx"]["expected"]).replace(" or ", ", ").split(",")]
        return f"{where}: {_shown(given)} is not one of {', '.join(choices)}.{nearest(str(given), choices)}"
    if problem == "missing":
        return f"{where}: {keys[-1]!r} is missing; every {kind} needs it"
    if problem in ("model_type", "model_attributes_type"):
        return f"{where}: expected keys and values, not {_shown(given)}. Known here: {', '.join(_keys_at(model, keys))}"
    if problem in _EXPECTED:
        return f"{where}: {_EXPECTED[problem]}, not {_shown(given)}"
    message, meant, perhaps = str(details["msg"]).removeprefix("Value error, ").partition(" Did you mean ")
    instead = "" if isinstance(given, dict) else f", not {_shown(given)}"
    return f"{where}: {message[:1].lower()}{message[1:]}{instead}{'.' if meant else ''}{meant}{perhaps}"


def _shown(given: object) -> str:
    try:
        text = repr(given)
    except (ValueError, RecursionError):  # Python writes no number of more than some thousand digits
        return "what is far too long"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"


def _keys_at(model: type[BaseModel], keys: Sequence[str | int]) -> list[str]:
    """Names of the settings below `keys`; numbers of list items and names of a mapping's entries lead to its values."""
    annotation: Any = model
    for key in keys:
        inside = _model_in(annotation)
        if inside is not None and str(key) in inside.model_fields:
            annotation = inside.model_fields[str(key)].annotation
        else:
            annotation = _values_of(annotation)
    inside = _model_in(annotation)
    return [info.alias or name for name, info in inside.model_fields.items()] if inside else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) in (Union, types.UnionType):
        return next((m for m in map(_model_in, get_args(annotation)) if m), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _values_of(annotation: Any) -> Any:
    """What a list, tuple or mapping holds, also where it is optional."""
    if get_origin(annotation) in (Union, types.UnionType):
        return next((v for v in map(_values_of, get_args(annotation)) if v is not None), None)
    if get_origin(annotation) in (list, tuple):
        return get_args(annotation)[0]
    return get_args(annotation)[1] if get_origin(annotation) is dict else None
