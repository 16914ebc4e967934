"""The pages of the control surface: every sound and room parameter once, with what a row needs to show and change it.

A surface knows nothing of parameters. It asks for a page, is told each row's address, name, range, place and text, and
sends back an address with a place from 0 to 1 or with what was typed. So a parameter added to `engine.parameters.sound`
appears on a page by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from engine.files.state_folder import weights_folders
from engine.parameters.address import Address, Value
from engine.parameters.addresses import PAGE_ROWS, ROOM, SOUND
from engine.parameters.effects import effects
from engine.parameters.scales import MODES
from engine.parameters.stems import RETURNS

ROOTS: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
TEXTURES: Final = ("", "pads*", "field*", "tape*", "rhodes*", "*")

_LEAVES: Final = {
    **dict.fromkeys(("level_db", "pan"), "levels"),
    **dict.fromkeys(("highpass_hz", "lowpass_hz"), "tone"),
    "sends": "echo",
    **{name: effect.page for effect in effects().values() for name in effect.layer},
}
"""Pages of what every layer has; what only textures have is on a page of its own."""
_SHARED: Final = {name: effect.page for effect in effects().values() for name in effect.shared}
"""Pages of what all layers share of an effect: each effect says in its file which page it is on."""
PAGES: Final = (
    *("performer", "conductor", "voices"),
    *dict.fromkeys((*_LEAVES.values(), *_SHARED.values())),
    *("textures", "places", "wander", "returns", "room"),
)
_STEM_LEAVES: Final = {
    "azimuth_deg": "places",
    "width_deg": "places",
    "wander_deg": "wander",
    "period_s": "wander",
    "distance": "room",
}
"""Of stems, returns on a page of their own: their faders, mutes and solos are always in sight, and on no page."""
_UNITS: Final = ("_db", "_hz", "_notes_per_s", "_minutes", "_s", "_deg")
_GROUPS: Final = {"scale": "performer", "performer": "performer", "conductor": "conductor", "voice": "voices"}

_OF_INSTRUMENTS: Final = ("midi_out", "midi_only")
"""Of voices; the page of the voices is full, and that of the conductor has room."""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter as a surface shows it; texts are for people."""

    address: Address
    owner: str
    """Voice or layer that it belongs to, empty where it is everybody's."""
    label: str
    range: str


@cache
def pages() -> dict[str, tuple[Row | None, ...]]:
    """Every page by name, in the order of its tabs. Rows go left, right, left, right; None is a row left empty."""
    found: dict[str, list[Row | None]] = {name: [] for name in PAGES}
    for address in SOUND:
        page = found[_page_of(address)]
        row = _row(address)
        if len(page) % 2 and row.owner and page[-1] and page[-1].owner != row.owner:
            page.append(None)  # what belongs to one voice begins on a line of its own
        page.append(row)
    for address in ROOM:
        if page_name := _page_in_room(address):
            found[page_name].append(_row(address))
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def place_on_pages() -> dict[str, tuple[str, int]]:
    """Page and row, counted from 1, of every address that is on one."""
    return {
        row.address.path: (name, number)
        for name, rows in pages().items()
        for number, row in enumerate(rows, start=1)
        if row
    }


def _page_of(address: Address) -> str:
    _, group, *names = address.path.split("/")
    if group == "layer":
        return _LEAVES.get(names[-1], "textures")
    if names[-1] in _OF_INSTRUMENTS:
        return "conductor"
    return _SHARED[names[-1]] if group == "effects" else _GROUPS[group]


def _page_in_room(address: Address) -> str | None:
    _, group, name, *rest = address.path.split("/")
    page = "room" if group == "room" else _STEM_LEAVES.get(rest[-1])
    return "returns" if page and name in RETURNS else page


def _row(address: Address) -> Row:
    _, group, *names = address.path.split("/")
    leaf = names[-1]
    for unit in _UNITS:
        leaf = leaf.removesuffix(unit)
    owner = names[0].replace("_", " ").replace("texture", "tex") if group in ("layer", "voice", "stem") else ""
    leaf = "performer" if address.path == "/performer/name" else leaf.replace("_", " ")
    words = (owner, "scale" if group == "scale" else "", leaf)
    return Row(address, owner, " ".join(word for word in words if word), _range(address))


def _range(address: Address) -> str:
    if address.kind in ("text", "switch") or address.low is None or address.high is None:
        return ""
    return f"{_short(address.low)} – {_short(address.high)}"


def _short(number: float) -> str:
    return f"{number / 1000:g}k" if number >= 10_000 else f"{number:g}"


def choices_of(address: Address) -> Sequence[str]:
    """What a text may be set to by moving a fader; others can be typed."""
    leaf = address.path.rsplit("/", 1)[1]
    if address.choices:
        return address.choices
    if address.path == "/performer/name":
        return sorted({path.name for home in weights_folders() for path in home.glob("*") if path.is_dir()})
    return {"root": ROOTS, "mode": tuple(MODES), "file": TEXTURES}.get(leaf, ())


def place_of(address: Address, value: Value) -> float:
    """Where a value is along its range, 0 to 1."""
    if address.kind == "text":
        choices = list(choices_of(address))
        return choices.index(str(value)) / max(1, len(choices) - 1) if value in choices else 0.0
    low, high, number = address.low or 0.0, address.high or 0.0, float(value)
    if address.curve == "log":
        return math.log(number / low) / math.log(high / low)
    return (number - low) / (high - low)


def value_at(address: Address, place: float) -> Value:
    """The value at a place from 0 to 1 along the range: three digits, as a hand on a fader means it."""
    place = min(1.0, max(0.0, place))
    if address.kind == "text":
        choices = choices_of(address)
        return choices[round(place * (len(choices) - 1))] if choices else ""
    low, high = address.low or 0.0, address.high or 0.0
    number = low * (high / low) ** place if address.curve == "log" else low + place * (high - low)
    if address.kind != "float":
        return round(number)
    return min(high, max(low, float(f"{number:.3g}")))


def text_of(address: Address, value: Value) -> str:
    """A value with its unit, for people. Pure Data shows other spaces as a backslash and a space."""
    if address.kind == "switch":
        return "on" if value else "off"
    if address.kind == "text":
        return str(value) or "none"
    if address.unit == "dB" and float(value) <= (address.low or 0.0):
        return "silent"
    unit = "" if address.unit in ("ratio", "probability") else f"\N{NO-BREAK SPACE}{address.unit}"
    return f"{float(f'{float(value):.3g}'):g}{unit}"  # 6910, where the format by itself says 6.91e+03


def typed(address: Address, text: str) -> Value:
    """What was typed into a row, as a message would bring it: with or without its unit; to be parsed by the table."""
    text = text.strip()
    if address.kind == "text":
        return "" if text == "none" else text
    word = "".join(text.split()).removesuffix(address.unit).replace(",", ".").replace("−", "-")
    words = {"on": "1", "off": "0", "silent": str(address.low)}
    try:
        return float(words.get(word, word))
    except ValueError:
        return text


def rows_of(page: str) -> Iterator[tuple[int, Row | None]]:
    """All rows of a page with their numbers from 1; None where there is nothing."""
    rows = pages()[page]
    for number in range(1, PAGE_ROWS + 1):
        yield number, rows[number - 1] if number <= len(rows) else None
