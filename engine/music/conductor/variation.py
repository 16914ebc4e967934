"""Ways a remembered phrase comes back: recognisably itself, never the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from engine.music.arranging.arranger import SPLIT_PITCH
from engine.music.notes import LOWEST_PIANO_PITCH, Note, Phrase, sorted_notes
from engine.music.phrases.repair import FEWEST_NOTES, stretched
from engine.music.scale import Scale, in_key, quantise_notes

NOT_SHRILL: Final = 91
COMFORT_LOW: Final = 28
COMFORT_HIGH: Final = 98


@dataclass(frozen=True, slots=True)
class Varied:
    """A varied phrase and, for people, what was done: "up a third, thinned"."""

    phrase: Phrase
    about: str


def vary(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> Varied:
    """`phrase` brought into `scale` and varied: lightly near 0 (a breath of tempo and touch), boldly near 1.

    Between one and three of the ways below are combined; what would leave the keyboard is not done.
    """
    phrase = replace(phrase, notes=quantise_notes(in_key(phrase.notes, scale), scale))
    names: list[str] = []
    count = 1 + (generator.random() < amount) + (generator.random() < amount - 0.5)
    ways = list(WAYS)
    while ways and len(names) < count:
        weights = [way.light + min(amount / 0.6, 1.0) * (way.bold - way.light) for way in ways]
        way = ways.pop(generator.choices(range(len(ways)), weights)[0])
        varied, done = way.vary(phrase, scale, amount, generator)
        if done and len(varied.notes) >= FEWEST_NOTES and varied.notes != phrase.notes:
            phrase = varied
            names.append(done)
    return Varied(phrase, ", ".join(names))


def transpose(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """Moved inside the scale by a second to a fifth, up or down."""
    steps = generator.choice((1, -1, 2, -2) if amount < 0.6 else (2, -2, 3, -3, 4, -4))
    notes = tuple(replace(note, pitch=scale.move(note.pitch, steps)) for note in phrase.notes)
    if not _comfortable(notes):
        return phrase, ""
    interval = {1: "a step", 2: "a third", 3: "a fourth", 4: "a fifth"}[abs(steps)]
    return replace(phrase, notes=sorted_notes(notes)), f"{'up' if steps > 0 else 'down'} {interval}"


def change_register(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """The right hand an octave higher where that is not shrill, or all of it an octave lower."""
    if generator.random() < 0.6 and max(note.pitch for note in phrase.notes) <= NOT_SHRILL - 12:
        notes = tuple(replace(n, pitch=n.pitch + 12) if n.pitch >= SPLIT_PITCH + 6 else n for n in phrase.notes)
        name = "the melody an octave higher"
    else:
        notes, name = tuple(replace(n, pitch=n.pitch - 12) if n.pitch >= 48 else n for n in phrase.notes), "lower"
    if not _comfortable(notes):
        return phrase, ""
    return replace(phrase, notes=quantise_notes(notes, scale)), name


def augment(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """All times longer, by an eighth to a half."""
    factor = 1.125 + 0.375 * amount * generator.random()
    return stretched(phrase, factor), "slower"


def diminish(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """All times shorter, by a tenth to a quarter."""
    return stretched(phrase, 0.9 - 0.15 * amount * generator.random()), "quicker"


def thin(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """Leaves out inner notes; the outer lines stay, so the phrase is recognised."""
    leave = 0.25 + 0.35 * amount
    kept = []
    for note in phrase.notes:
        around = [n.pitch for n in phrase.notes if abs(n.onset_s - note.onset_s) < 0.1]
        inner = min(around) < note.pitch < max(around)
        if not inner or generator.random() > leave + 0.2:
            kept.append(note)
    return replace(phrase, notes=tuple(kept)), "thinned" if len(kept) < len(phrase.notes) else ""


def invert_fragment(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """A few seconds of the melody turned upside down in the scale about their first note."""
    melody = [note for note in phrase.notes if note.pitch >= SPLIT_PITCH + 4]
    if len(melody) < 6:
        return phrase, ""
    first = melody[generator.randrange(len(melody) // 2)]
    end_s = first.onset_s + (0.2 + 0.3 * amount) * phrase.length_s
    axis = scale.degree(first.pitch)

    def turned(note: Note) -> Note:
        inside = note.pitch >= SPLIT_PITCH + 4 and first.onset_s <= note.onset_s < end_s
        pitch = scale.pitch(2 * axis - scale.degree(note.pitch)) if inside else note.pitch
        return replace(note, pitch=pitch + 12 if inside and pitch < SPLIT_PITCH else pitch)

    notes = tuple(turned(note) for note in phrase.notes)
    if not _comfortable(notes):
        return phrase, ""
    return replace(phrase, notes=quantise_notes(notes, scale)), "a fragment turned over"


def new_bass(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """The left hand's lowest notes a third or fifth lower or higher: the same melody in another light."""
    steps = generator.choice((-2, 2, -4) if scale.size >= 7 else (-1, 1, -2))
    low = [note for note in phrase.notes if note.pitch < SPLIT_PITCH - 6]
    if not low or min(scale.move(n.pitch, steps) for n in low) < COMFORT_LOW:
        return phrase, ""
    notes = tuple(
        replace(n, pitch=scale.move(n.pitch, steps)) if n.pitch < SPLIT_PITCH - 6 else n for n in phrase.notes
    )
    return replace(phrase, notes=quantise_notes(notes, scale)), "over another bass"


def retouch(phrase: Phrase, scale: Scale, amount: float, generator: Random) -> tuple[Phrase, str]:
    """Another touch and a breath of rubato; the notes stay."""
    lean = generator.uniform(-0.12, 0.12) * (0.5 + amount)
    length_s = max(phrase.length_s, 1.0)

    def leaning(note: Note) -> Note:
        place = note.onset_s / length_s
        velocity = min(max(round(note.velocity * (1 + lean * (2 * place - 1)) + generator.uniform(-3, 3)), 1), 127)
        return replace(note, velocity=velocity)

    notes = tuple(leaning(note) for note in phrase.notes)
    return stretched(replace(phrase, notes=notes), 1.0 + generator.choice((0.05, -0.04))), "another touch"


@dataclass(frozen=True, slots=True)
class Way:
    """A way to vary, and its weight when little (`light`) and when much (`bold`) variation is asked for."""

    vary: Callable[[Phrase, Scale, float, Random], tuple[Phrase, str]]
    light: float
    bold: float


WAYS: Final = (
    Way(transpose, 0.6, 3.0),
    Way(change_register, 0.3, 1.5),
    Way(augment, 1.5, 1.0),
    Way(diminish, 0.5, 0.6),
    Way(thin, 1.5, 1.5),
    Way(invert_fragment, 0.1, 1.2),
    Way(new_bass, 0.4, 1.5),
    Way(retouch, 4.0, 0.6),
)


def _comfortable(notes: tuple[Note, ...]) -> bool:
    pitches = [note.pitch for note in notes]
    return min(pitches) >= LOWEST_PIANO_PITCH and max(pitches) <= COMFORT_HIGH
