"""From drawings and what their performer learnt from to its critics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine.music.notes import Phrase
from engine.music.phrases.filter import judge
from models.performers.criticism.critic import Critic, Table, table_of
from models.performers.criticism.excerpt_features import LEAST_NOTES
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import steadied
from models.performers.drawing.rejection_sampling import asked_density, wanted_steadiness
from models.performers.drawing.unasked import UNASKED
from models.performers.evaluation.quality_report import MOOD, SEED, Material, Playing
from models.performers.evaluation.telling_apart import Excerpt, matched, stretches

WITHOUT_SCALE: Final = replace(MOOD, pitch_class_weights=None)
FEWEST: Final = 20
"""Of fewer phrases a critic would learn by heart."""

POOL: Final = 12
"""So many excerpts of what was learnt for each drawing, of which those as busy are taken."""


def trained_critic(playing: Playing, material: Material, aim: float = 1.0) -> Critic | None:
    """A critic that has heard drawings, as a room gets them, beside what their performer learnt from.

    None of them was asked for a scale: whoever is asked keeps to a key, and a critic of such drawings would not know
    how weak that of the others is. What was held out is kept for whoever judges both. None where too few drawings have
    notes enough, as those of a network that has hardly learnt.
    """
    return critic_of(kept(playing.without_scale, WITHOUT_SCALE), material, aim)


def trained_unasked_critic(playing: Playing, material: Material) -> Critic | None:
    """The same for who is asked for nothing."""
    return critic_of(kept(playing.unasked, UNASKED), material)


def critic_of(drawn: Sequence[Phrase], material: Material, aim: float = 1.0) -> Critic | None:
    """A critic of some drawings beside as many excerpts, as busy, of what was learnt; None where these are too few.

    Drawings are made as steady as a room makes those that it will be asked of.

    Args:
        aim: so many times as steady as people they are aimed to be; above 1 for who does not become as steady as that.
    """
    count, share = POOL * len(drawn), np.asarray(material.weights) / np.sum(material.weights)
    chosen = np.random.default_rng(SEED).choice(len(material.learnt), count, p=share)
    pool = stretches([material.learnt[i] for i in chosen], [str(i) for i in chosen], UNASKED.phrase_s, count, SEED)
    people = matched([Excerpt(phrase, "") for phrase in drawn], pool)
    if min(len(people), len(drawn)) < FEWEST:
        return None
    of_people = table_of([excerpt.phrase for excerpt in people])
    knowing = Critic.of_tables(of_people, table_of(drawn), with_log_odds=False)
    steadiness = np.minimum(aim * knowing.steadiness, 1.0)
    as_in_a_room = as_steady(drawn, replace(knowing, steadiness=steadiness))
    return replace(Critic.of_tables(of_people, as_in_a_room), steadiness=steadiness)


def as_steady(drawn: Sequence[Phrase], critic: Critic) -> Table:
    """Statistics of drawings, each with a beat that is aimed at a place among people, of whom a critic knows."""
    wanted = [wanted_steadiness(SEED + number, WITHOUT_SCALE, critic) for number in range(len(drawn))]
    return table_of([steadied(phrase, steadiness or 0.0) for phrase, steadiness in zip(drawn, wanted, strict=True)])


def kept(phrases: Sequence[Phrase], conditioning: Conditioning) -> list[Phrase]:
    """Those that the filter keeps, as it leaves them, with notes enough to say something of them."""
    verdicts = (
        judge(p, asked_density(p, conditioning), conditioning.phrase_s, conditioning.pitch_class_weights)
        for p in phrases
    )
    return [v.phrase for v in verdicts if v.phrase is not None and len(v.phrase.notes) >= LEAST_NOTES]
