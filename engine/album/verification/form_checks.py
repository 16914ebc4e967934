"""What verification asks of a track's form and mix, where its sheet asks for them: see `FormWishes`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from engine.album.measurement.form import Form, PlannedStretch
from engine.album.measurement.mix import entry_db, mono_loss_lu, stem_reports
from engine.album.measurement.notes_over_time import growling_minutes
from engine.album.measurement.theme_returns import Heard, by_chance, places_of
from engine.album.plan.sheet import FormWishes, Track
from engine.album.verification.check import Check
from engine.music.notes import Note, Phrase
from engine.music.scale import Scale
from models.performers.quotation.quotation import Quotations
from models.performers.quotation.recognition import RECOGNISED_NOTES, Recognition, recognition

FOLLOWS: Final = 0.6
"""Correlation of plan and sound over a track's sections that counts as following."""
THINNER: Final = 0.85
SOFTER_LU: Final = 1.5
AUDIBLE_DB: Final = -10.0
"""A voice that enters is heard where it is, in its own strongest bands, at most so much softer than all others.

Tones beside tones are heard down to 15 or 20 dB below them (Zwicker and Fastl, "Psychoacoustics", chapter 4)."""
LONGEST_HIDDEN_S: Final = 12.0
MOST_LIMITED: Final = 0.01
MOST_MONO_LOSS_LU: Final = 4.0
RECOGNISED: Final = 0.5
"""Share of phrases in which a book is to be heard."""
ENTERING: Final = ("cello", "bells", "chords", "guitar", "drums")

Voices = Mapping[str, Sequence[Note]]


def planned_stretches(track: Track, entry: Mapping[str, Any]) -> list[PlannedStretch]:
    """What the sections of a track asked for; `entry` is its part of the recipe, which knows where they are."""
    found = []
    for section, place in zip(track.sections, entry["sections"], strict=True):
        asked = {
            **track.performer.model_dump(),
            **section.performer.model_dump(include=section.performer.model_fields_set),
        }
        density = 0.0 if section.rest else float(asked["density_notes_per_s"])
        span = (float(place["start_s"]), float(place["end_s"]))
        register = None if section.rest or section.register_pitch is None else float(section.register_pitch)
        found.append(PlannedStretch(section.name, *span, section.level_db, density, register))
    return found


def form_checks(number: int, wishes: FormWishes, form: Form, scale: Scale) -> Iterator[Check]:
    """Loudness range, pauses, the ending, and whether sound goes where the plan goes."""
    if wishes.loudness_range_lu is not None:
        what = f"loudness range at least {wishes.loudness_range_lu:g} LU (LRA)"
        yield Check(number, what, form.range_lu >= wishes.loudness_range_lu, f"{form.range_lu:.1f} LU")
    if wishes.pauses:
        places = ", ".join(f"{start_s:.1f} to {end_s:.1f} s" for start_s, end_s in form.pauses) or "none"
        yield Check(number, f"at least {wishes.pauses} general pause", len(form.pauses) >= wishes.pauses, places)
    if wishes.prepared_ending:
        yield _ending(number, form, scale)
    if wishes.follows_plan:
        for what in ("level", "density", "register"):
            likeness = form.follows(what)
            passed = None if math.isnan(likeness) else likeness >= FOLLOWS
            yield Check(number, f"{what} follows the plan", passed, f"correlation {likeness:.2f} over the sections")


def _ending(number: int, form: Form, scale: Scale) -> Check:
    ending = form.ending
    what = "ending prepared: thinner, softer, home"
    if ending is None:
        return Check(number, what, None, "too few notes to speak of an ending")
    home = (ending.last_bass - scale.root) % 12 == 0
    good = ending.density_ratio <= THINNER and ending.softer_lu >= SOFTER_LU and home
    figure = (
        f"{ending.density_ratio:.2f} of the notes, {ending.softer_lu:.1f} LU softer, "
        f"velocities {ending.velocity_ratio:.2f}, bass {'on' if home else 'not on'} the tonic"
    )
    return Check(number, what, good, figure)


def theme_checks(number: int, wishes: FormWishes, tunes: Voices, piano: Sequence[Note]) -> Iterator[Check]:
    """How early the theme is heard, how often it returns, and that its last return is another."""
    for name, tune in tunes.items():
        places = places_of(tune, piano)
        if wishes.theme_within_s is not None:
            first_s = places[0].start_s if places else math.inf
            what = f"theme {name} heard within {wishes.theme_within_s:g} s"
            yield Check(number, what, first_s <= wishes.theme_within_s, f"at {first_s:.1f} s")
        if wishes.returns:
            figure = f"{_told(places)}. Its notes in another order: at most {by_chance(tune, piano):.0%}"
            enough = len(places) - 1 >= wishes.returns
            yield Check(number, f"theme {name} returns at least {wishes.returns} times", enough, figure)
            other = bool(places) and (places[-1].about != "as it was" or places[-1].share < 1.0)
            what = f"theme {name}: its last return is changed"
            yield Check(number, what, other, _told(places[-1:]))


def _told(places: Sequence[Heard]) -> str:
    """Places of a theme in one line."""
    rows = (f"{int(p.start_s) // 60}:{int(p.start_s) % 60:02d} {p.share:.0%} {p.about}" for p in places)
    return "; ".join(rows) or "nowhere"


def recognition_check(number: int, book: Quotations, heard: Sequence[Phrase], others: Sequence[Phrase]) -> Check:
    """Whether a book is recognised in what is `heard`, and not in what `others` play: the control."""
    found, control = recognition(heard, book), recognition(others, book)
    good = found.share >= RECOGNISED and found.share > control.share
    figure = f"in {_found(found, len(heard))}; in other tracks in {_found(control, len(others))}"
    return Check(number, f"the book is recognised, {RECOGNISED_NOTES} notes and more in a row", good, figure)


def _found(found: Recognition, count: int) -> str:
    longest = f"{found.longest_notes} notes at most" if found.longest_notes else "none of it"
    return f"{found.share:.0%} of {count} phrases, {longest}, {found.by_heart:.0%} of their notes"


def growl_check(number: int, piano: Sequence[Note], length_s: float) -> Check:
    minutes = growling_minutes(piano, length_s)
    figure = f"from {minutes[0]:.0f} s on" if minutes else "none"
    return Check(number, "no minute of single notes between C2 and D3", not minutes, figure)


def mix_checks(
    number: int, sound: Any, rate_hz: int, stems: Mapping[str, Path], voices: Voices, limited: float | None
) -> Iterator[Check]:
    """Mono, limiter, who hides whom, and whether voices are heard entering."""
    loss_lu = mono_loss_lu(sound, rate_hz)
    yield Check(
        number, f"mono loses at most {MOST_MONO_LOSS_LU:g} LU", loss_lu <= MOST_MONO_LOSS_LU, f"{loss_lu:.1f} LU"
    )
    if limited is not None:
        what = f"limiter at work at most {MOST_LIMITED:.0%} of the time"
        yield Check(number, what, limited <= MOST_LIMITED, f"{limited:.2%}")
    reports = stem_reports(stems)
    worst = max(reports, key=lambda report: report.longest_hidden_s, default=None)
    if worst is not None:
        shares = ", ".join(
            f"{r.name} {r.hidden:.0%} of {r.sounding_s:.0f} s, {r.longest_hidden_s:g} s in a row" for r in reports
        )
        what = f"no stem hidden by the others for more than {LONGEST_HIDDEN_S:g} s"
        yield Check(number, what, worst.longest_hidden_s <= LONGEST_HIDDEN_S, shares)
    entries = {v: voices[v][0].onset_s for v in ENTERING if voices.get(v) and v in stems}
    levels = {v: entry_db(stems, v, at_s) for v, at_s in entries.items()}
    if levels:
        figure = ", ".join(f"{v} at {entries[v]:.0f} s {level:.0f} dB" for v, level in levels.items())
        yield Check(number, "each voice is heard where it enters", min(levels.values()) >= AUDIBLE_DB, figure)
