"""From drawings and what their performer learnt from to its critics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from models.performers.criticism.critic import STEADINESS, Critic, table_of
from models.performers.criticism.excerpt_features import LEAST_NOTES
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import with_beat
from models.performers.drawing.rejection_sampling import CANDIDATES, asked_density
from models.performers.drawing.unasked import UNASKED
from models.performers.evaluation.quality_report import MOOD, SEED, Material, Playing
from models.performers.evaluation.telling_apart import Excerpt, matched, stretches

Table = NDArray[np.float64]

FEWEST: Final = 20
"""Of fewer phrases a critic would learn by heart."""

POOL: Final = 12
"""So many excerpts of what was learnt for each drawing, of which those as busy are taken."""

TRIES: Final = 30
"""So often drawings are dealt out anew into candidates, to see where choosing leads."""


def trained_critic(playing: Playing, material: Material) -> Critic | None:
    """A critic that has heard drawings, as a room gets them, beside what their performer learnt from.

    What was held out is kept for whoever judges both. None where too few drawings have notes enough, as those of a
    network that has hardly learnt.
    """
    without_scale = replace(MOOD, pitch_class_weights=None)
    return critic_of([*kept(playing.in_mood, MOOD), *kept(playing.without_scale, without_scale)], material)


def trained_unasked_critic(playing: Playing, material: Material) -> Critic | None:
    """The same for who is asked for nothing."""
    return critic_of(kept(playing.unasked, UNASKED), material)


def critic_of(drawn: Sequence[Phrase], material: Material) -> Critic | None:
    """A critic of some drawings beside as many excerpts, as busy, of what was learnt; None where these are too few.

    Drawings are made as steady as the excerpts, as those are that it will be asked of. It does not choose where
    choosing would lead away from people.
    """
    count, share = POOL * len(drawn), np.asarray(material.weights) / np.sum(material.weights)
    chosen = np.random.default_rng(SEED).choice(len(material.learnt), count, p=share)
    pool = stretches([material.learnt[i] for i in chosen], [str(i) for i in chosen], UNASKED.phrase_s, count, SEED)
    people = matched([Excerpt(phrase, "") for phrase in drawn], pool)
    if min(len(people), len(drawn)) < FEWEST:
        return None
    of_people = table_of([excerpt.phrase for excerpt in people])
    beat = float(of_people[:, STEADINESS].mean())
    tables = of_people, table_of([with_beat(phrase, beat, SEED + number) for number, phrase in enumerate(drawn)])
    return Critic.of_tables(*tables, with_log_odds=not log_odds_lead_astray(*tables))


def log_odds_lead_astray(people: Table, drawn: Table) -> bool:
    """Whether the best of some drawings by log-odds are less like people than any, on average of all statistics.

    What chooses has learnt one half of `people` and `drawn` [phrases x features], and chooses in the other.
    """
    rng = np.random.default_rng(SEED)
    chosen_away = any_away = 0.0
    for half in (0, 1):
        ours, theirs = people[half::2], drawn[half::2]
        log_odds = np.array([Critic.of_tables(people[1 - half :: 2], drawn[1 - half :: 2]).log_odds(d) for d in theirs])
        size = min(CANDIDATES, len(theirs))
        dealt = [rng.permutation(len(theirs))[: len(theirs) // size * size].reshape(-1, size) for _ in range(TRIES)]
        best = [group[log_odds[group].argmax()] for groups in dealt for group in groups]
        chosen_away += _away(theirs, np.bincount(best, minlength=len(theirs)) / len(best), ours)
        any_away += _away(theirs, np.full(len(theirs), 1 / len(theirs)), ours)
    return chosen_away > any_away


def _away(drawn: Table, shares: Table, people: Table) -> float:
    """Mean square, over statistics, of how far drawings taken in `shares` [phrases] are from people, less chance."""
    spread = np.sqrt((drawn.var(0) + people.var(0)) / 2) + 1e-9
    away = (shares @ drawn - people.mean(0)) / spread
    return float(np.mean(away**2) - np.sum(shares**2) - 1 / len(people))


def kept(phrases: Sequence[Phrase], conditioning: Conditioning) -> list[Phrase]:
    """Those that the filter keeps, as it leaves them, with notes enough to say something of them."""
    verdicts = (
        judge(p, asked_density(p, conditioning), conditioning.phrase_s, conditioning.pitch_class_weights)
        for p in phrases
    )
    return [v.phrase for v in verdicts if v.phrase is not None and len(v.phrase.notes) >= LEAST_NOTES]
