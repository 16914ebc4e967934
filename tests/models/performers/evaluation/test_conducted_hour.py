"""A stretch of a mood: what returns and how varied, what is made by rule where the sampler is slow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.music.notes import Note, Phrase
from engine.music.phrases.store import Request
from engine.parameters.moods import load_mood
from models.performers.evaluation.conducted_hour import Account, DrawnInTime, Heard, account, conducted
from tests.engine.phrases import wandering

REQUEST = Request("satie", 7, 0.95, 0.97, 2.5, None, 20.0)


class Clock:
    """Stands still but while something is drawn."""

    def __init__(self, draw_s: float) -> None:
        self.now_s, self._draw_s = 0.0, draw_s

    def __call__(self) -> float:
        return self.now_s

    def draw(self, request: Request) -> Phrase:
        self.now_s += self._draw_s
        return replace(wandering(request.seed, 2.4, request.phrase_s), performer=request.performer)


def source_of(draw_s: float) -> DrawnInTime:
    clock = Clock(draw_s)
    return DrawnInTime(clock.draw, clock)


def of_mood(draw_s: float) -> Account:
    return account(conducted(load_mood("gymnopedie"), source_of(draw_s), 900.0, 3))


def test_a_phrase_is_there_when_its_drawing_has_ended() -> None:
    source = source_of(4.0)
    source.want([REQUEST, replace(REQUEST, seed=8)])
    assert source.take(REQUEST) is None
    source.pass_by(3.0)
    assert source.take(REQUEST) is None
    source.pass_by(2.0)
    assert source.take(REQUEST) is not None
    assert source.take(replace(REQUEST, seed=8)) is None
    source.pass_by(3.0)
    assert source.take(replace(REQUEST, seed=8)) is not None
    assert source.drawn_s == [4.0, 4.0]


def test_nobody_draws_what_is_no_longer_wanted() -> None:
    source = source_of(4.0)
    source.want([REQUEST, replace(REQUEST, seed=8)])
    source.pass_by(1.0)
    source.want([replace(REQUEST, seed=9)])
    source.pass_by(20.0)
    assert len(source.drawn_s) == 2
    assert source.take(replace(REQUEST, seed=8)) is None


def test_rules_play_where_the_sampler_is_slow_and_not_where_it_is_quick() -> None:
    quick, slow = of_mood(0.5), of_mood(300.0)
    assert quick.by_rule == 0.0
    assert slow.by_rule > 0.25, "what the room remembers comes first"
    assert quick.minutes >= 15.0
    assert 0.3 < quick.returning < 0.6
    assert quick.themes > 3
    assert quick.in_own_words > 0.5


def test_an_exact_return_keeps_everything_and_another_tune_little() -> None:
    tune, other = (Phrase(wandering(seed, 3.0, 20.0).notes) for seed in (1, 2))
    higher = Phrase(tuple(Note(n.onset_s, n.pitch + 3, n.duration_s, n.velocity) for n in tune.notes))
    found = account(
        [
            Heard("satie #1", 20.0, tune, 1, None),
            Heard("rule sway #2", 20.0, other, 2, None),
            Heard("recall of #1, up a third", 20.0, higher, None, 1),
            Heard("recall of #1, in the performer's own words", 20.0, other, None, 1),
        ]
    )
    assert (found.scores, found.themes, found.returning) == (4, 1, 0.5)
    assert (found.by_rule, found.in_own_words) == (0.25, 0.5)
    assert 0.5 <= found.kept < 0.75
    assert found.kept_by_chance == pytest.approx(0.5, abs=0.26)


def test_a_tune_that_returns_within_a_minute_is_heard_again_and_what_is_quoted_is_counted() -> None:
    tune, others = Phrase(wandering(1, 3.0, 20.0).notes), [Phrase(wandering(seed, 3.0, 20.0).notes) for seed in (2, 3)]
    same = [Heard(f"satie #{number}", 20.0, tune, number, None) for number in (1, 2, 3)]
    new = [Heard(f"satie #{number}", 20.0, tune, number, None) for number, tune in enumerate([tune, *others], 1)]
    assert account(same).melody_again > 0.9
    assert account(new).melody_again < 0.3
    assert account(new).quoting == 0.0
    assert account(new, lambda piano: piano == tune).quoting == pytest.approx(1 / 3)
    assert account(new[:1]).melody_again == 0.0  # no whole minute
