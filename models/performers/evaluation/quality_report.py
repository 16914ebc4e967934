"""What a performer plays, measured and written as Markdown for its card; the same for every kind of network."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from engine.music.scale import Scale, shift_into_key
from engine.parameters.sound import PerformerSettings, ScaleSettings
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.rejection_sampling import Pianist
from models.performers.drawing.unasked import UNASKED
from models.performers.evaluation.quality import KEPT_BY_SHUFFLING, distances, excerpts, nearest_in_density, shuffled
from models.performers.evaluation.self_similarity import likeness_by_lag, share_returning
from models.performers.quotation.quotation import Quotations

DEFAULTS: Final = PerformerSettings()
SCALE: Final = Scale.from_settings(ScaleSettings())
MOOD: Final = Conditioning(
    phrase_s=DEFAULTS.phrase_s,
    temperature=DEFAULTS.temperature,
    top_p=DEFAULTS.top_p,
    density_notes_per_s=DEFAULTS.density_notes_per_s,
    pitch_class_weights=SCALE.pitch_class_weights(DEFAULTS.scale_weight),
)
"""What a mood asks for that leaves everything as it is: D major, 2.5 notes a second."""
MINUTE_S: Final = 60.0
LAGS_S: Final = ((1.0, 4.0), (4.0, 12.0), (12.0, 30.0))
SEED: Final = 1_000


@dataclass(frozen=True)
class Material:
    """What a performer learnt, with how often each piece was taken, and playing it has never seen."""

    learnt: Sequence[Phrase]
    weights: Sequence[float]
    held_out: Sequence[Phrase]
    kept_out: bool = True
    """False where `held_out` was learnt too."""


@dataclass(frozen=True)
class Playing:
    """Phrases drawn for a report, and stretches of real playing beside them.

    `calm` are the held-out stretches nearest to the density that a mood asks for.
    """

    unasked: Sequence[Phrase]
    in_mood: Sequence[Phrase]
    without_scale: Sequence[Phrase]
    minutes: Sequence[Phrase]
    training: Sequence[Phrase]
    held_out: Sequence[Phrase]
    calm: Sequence[Phrase]
    held_out_minutes: Sequence[Phrase]


def draw_playing(performer: Pianist, material: Material, count: int, unasked: Conditioning = UNASKED) -> Playing:
    """Draws `count` phrases as a mood asks, as many without a scale, a quarter unasked, and fewer of a minute."""
    even = [1.0] * len(material.held_out)
    few, fewer = max(2, count // 4), max(2, count // 12)
    unscaled = replace(MOOD, pitch_class_weights=None)
    held_out = excerpts(material.held_out, even, UNASKED.phrase_s, 8 * few, SEED)
    return Playing(
        unasked=[performer.draw(SEED + i, unasked) for i in range(few)],
        in_mood=[performer.draw(SEED + i, MOOD) for i in range(count)],
        without_scale=[performer.draw(SEED + i, unscaled) for i in range(count)],
        minutes=[performer.draw(SEED + i, replace(unasked, phrase_s=MINUTE_S)) for i in range(fewer)],
        training=excerpts(material.learnt, material.weights, UNASKED.phrase_s, 4 * few, SEED),
        held_out=held_out[: 4 * few],
        calm=nearest_in_density(held_out, DEFAULTS.density_notes_per_s, 2 * few),
        held_out_minutes=excerpts(material.held_out, even, MINUTE_S, 2 * fewer, SEED),
    )


def report(playing: Playing, quotations: Quotations, kept_out: bool) -> list[str]:
    """Lines of Markdown: distances, likeness over a minute, the filter, quotations, and what quantising must move."""
    parts = (
        _distances(playing, "held-out playing" if kept_out else "what it learnt (nothing was held out)"),
        _minutes(playing),
        _filter(playing.in_mood),
        _quotations(playing, quotations),
        _quantising(playing),
    )
    return [line for part in parts for line in ("", *part)][1:]


def _distances(playing: Playing, reference: str) -> list[str]:
    without_sense = distances(shuffled(playing.held_out, SEED), playing.held_out)
    columns = {
        "unasked": distances(playing.unasked, playing.held_out),
        "as a mood asks": distances(playing.in_mood, playing.calm),
        "training set": distances(playing.training, playing.held_out),
        "shuffled": {name: value for name, value in without_sense.items() if name not in KEPT_BY_SHUFFLING},
    }
    rows = [
        [name, *(f"{column[name]:.2f}" if name in column else "–" for column in columns.values())]
        for name in without_sense
    ]
    about = f"""\
Distance from {reference}, twenty seconds at a time: Jensen-Shannon, 0 alike, 1 nothing in common. *Unasked* is the
network by itself; what it plays *as a mood asks* is compared with the calmest of that playing. The *training set* shows
how near one can come, the same notes dealt out anew (*shuffled*) how far playing without sense is. No critic chose
among these drawings.
"""
    return [about, *_table(["", *columns], rows)]


def _minutes(playing: Playing) -> list[str]:
    kinds = {
        "drawn": playing.minutes,
        "held out": playing.held_out_minutes,
        "held out, shuffled": shuffled(playing.held_out_minutes, SEED),
    }
    rows = []
    for name, phrases in kinds.items():
        lags_s, likeness = likeness_by_lag(phrases, MINUTE_S / 2)
        means = [likeness[(lags_s > low) & (lags_s <= high)].mean() for low, high in LAGS_S]
        returning = statistics.fmean(share_returning(phrase) for phrase in phrases)
        rows.append([name, *(f"{mean:.2f}" for mean in means), f"{100 * returning:.0f} %"])
    about = """\
Likeness of a minute to itself so much later (cosine of pitch classes), and the share of its melody that returns (five
notes, in any key and tempo, four seconds or more apart):
"""
    return [about, *_table(["", *(f"{low:g}–{high:g} s" for low, high in LAGS_S), "returns"], rows)]


def _filter(phrases: Sequence[Phrase]) -> list[str]:
    asked = MOOD.density_notes_per_s or 1.0
    verdicts = [judge(phrase, asked, MOOD.phrase_s, MOOD.pitch_class_weights) for phrase in phrases]
    refused = Counter(reason.value for verdict in verdicts for reason in verdict.reasons)
    repaired = Counter(repair.value for verdict in verdicts for repair in verdict.repairs)
    count = sum(verdict.phrase is None for verdict in verdicts)
    lengths_s = [phrase.length_s for phrase in phrases]
    about = f"{MOOD.phrase_s:g} s in D major at temperature {MOOD.temperature:g} and {asked:g} notes a second"
    return [
        f"{len(phrases)} phrases of {about}:",
        "",
        f"- length: {min(lengths_s):.1f} to {max(lengths_s):.1f} s",
        f"- notes a phrase: {statistics.median(len(p.notes) for p in phrases):g} (median)",
        f"- refused by the musical filter: {count} ({_shares(refused)}); these are drawn again",
        f"- mended by it: {_shares(repaired)}",
    ]


def _quotations(playing: Playing, quotations: Quotations) -> list[str]:
    rows = []
    for name, phrases in {
        "as a mood asks": playing.in_mood,
        "unasked": playing.unasked,
        "held-out playing": playing.held_out,
    }.items():
        runs = [quotations.longest_run_notes(phrase) for phrase in phrases]
        above = f"{100 * sum(run > DEFAULTS.quotation_notes for run in runs) / len(runs):.0f} %"
        rows.append([name, f"{np.median(runs):.0f}", f"{np.quantile(runs, 0.95):.0f}", f"{max(runs)}", above])
    about = """\
Longest quotation of the training set in a phrase, in notes of its texture or melody, in any key and tempo (fewer than 8
in a row are not looked for). Drawing keeps to a mood's `quotation_notes`, 16 unless it says otherwise.
"""
    return [about, *_table(["", "median", "95 %", "longest", f"above {DEFAULTS.quotation_notes}"], rows)]


def _quantising(playing: Playing) -> list[str]:
    moved = {"asked": _share_moved(playing.in_mood), "not asked": _share_moved(playing.without_scale)}
    rows = [[name, *(f"{100 * share:.1f} %" for share in shares)] for name, shares in moved.items()]
    about = "Share of notes that bringing into D major must move, with and without asking the network for it:\n"
    return [about, *_table(["", "note by note", "after moving the whole phrase into key"], rows)]


def _share_moved(phrases: Sequence[Phrase]) -> tuple[float, float]:
    """Share of all notes outside the scale: as they are, and after each phrase was moved into key as a whole."""
    notes = outside = after = 0
    for phrase in phrases:
        shift = shift_into_key(phrase.notes, SCALE) if phrase.notes else 0
        notes += len(phrase.notes)
        outside += sum(not SCALE.contains(note.pitch) for note in phrase.notes)
        after += sum(not SCALE.contains(note.pitch + shift) for note in phrase.notes)
    return outside / max(notes, 1), after / max(notes, 1)


def _shares(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in Counter(counts).most_common()) or "nothing"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (headings, ["---"] * len(headings), *rows)]
