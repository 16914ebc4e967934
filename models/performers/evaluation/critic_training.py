"""From drawings and what their performer learnt from to its critics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from models.performers.criticism.critic import STEADINESS, Critic, Table, table_of
from models.performers.criticism.excerpt_features import LEAST_NOTES
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import with_beat
from models.performers.drawing.rejection_sampling import asked_density
from models.performers.drawing.unasked import UNASKED
from models.performers.evaluation.quality_report import MOOD, SEED, Material, Playing
from models.performers.evaluation.telling_apart import Excerpt, matched, stretches

FEWEST: Final = 20
"""Of fewer phrases a critic would learn by heart."""

POOL: Final = 12
"""So many excerpts of what was learnt for each drawing, of which those as busy are taken."""

ROUNDS: Final = 3
"""So often what to ask for is corrected by what came of it; a fourth time changes steadiness by less than 0.01."""


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

    Drawings are made as steady as the excerpts, as those are that it will be asked of.
    """
    count, share = POOL * len(drawn), np.asarray(material.weights) / np.sum(material.weights)
    chosen = np.random.default_rng(SEED).choice(len(material.learnt), count, p=share)
    pool = stretches([material.learnt[i] for i in chosen], [str(i) for i in chosen], UNASKED.phrase_s, count, SEED)
    people = matched([Excerpt(phrase, "") for phrase in drawn], pool)
    if min(len(people), len(drawn)) < FEWEST:
        return None
    of_people = table_of([excerpt.phrase for excerpt in people])
    return Critic.of_tables(of_people, as_steady(drawn, float(of_people[:, STEADINESS].mean())))


def as_steady(drawn: Sequence[Phrase], steadiness: float) -> Table:
    """Statistics of drawings with a beat that makes them that steady, 0..1, in the mean.

    Some drawings become less steady than they are asked to be, so a little more is asked for.
    """
    beat = steadiness
    for _ in range(ROUNDS):
        table = table_of([with_beat(phrase, beat, SEED + number) for number, phrase in enumerate(drawn)])
        beat = min(beat * steadiness / max(float(table[:, STEADINESS].mean()), 0.1), 1.0)
    return table_of([with_beat(phrase, beat, SEED + number) for number, phrase in enumerate(drawn)])


def kept(phrases: Sequence[Phrase], conditioning: Conditioning) -> list[Phrase]:
    """Those that the filter keeps, as it leaves them, with notes enough to say something of them."""
    verdicts = (
        judge(p, asked_density(p, conditioning), conditioning.phrase_s, conditioning.pitch_class_weights)
        for p in phrases
    )
    return [v.phrase for v in verdicts if v.phrase is not None and len(v.phrase.notes) >= LEAST_NOTES]
