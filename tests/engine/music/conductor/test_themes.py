"""A theme's return: its beginning as it was, then how the performer goes on, and the copy where nothing comes."""

from dataclasses import replace

import pytest

from engine.music.conductor.conductor import Conductor
from engine.music.conductor.phrase_memory import Remembered
from engine.music.conductor.themes import BREATH_S, ORIGIN, restated_share, theme_return
from engine.music.notes import Note, PedalSpan, Phrase
from engine.music.phrases.store import Request
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from tests.engine.phrases import Wanderer, wandering

D_MAJOR = Scale.from_settings(load_mood("gymnopedie").scale)
REQUEST = Request("anybody", 7, 0.9, 0.95, 2.4, None, 26.0)
TUNE = Phrase(tuple(Note(0.5 * i, 62 + (0, 4, 7, 5)[i % 4], 0.5, 70) for i in range(40)))


def test_a_performer_hears_the_theme_and_its_beginning_again() -> None:
    found = theme_return(Remembered(3, TUNE, "any"), D_MAJOR, 0.0, REQUEST)
    assert found is not None
    primer = found.request.primer
    assert primer is not None
    again_s = TUNE.length_s + BREATH_S
    assert [n.pitch for n in primer[:40]] == [n.pitch for n in primer[:40] if n.onset_s < TUNE.length_s]
    assert [n.pitch for n in primer[40:]] == [n.pitch for n in found.beginning] == [n.pitch for n in primer[:10]]
    assert primer[40].onset_s == pytest.approx(again_s)
    assert max(n.end_s for n in found.beginning) == pytest.approx(found.beginning_s) == 5.0
    assert found.request.phrase_s == 21.0


@pytest.mark.parametrize(("variation", "beginning_s", "returns"), [(0.0, 5.0, 0.7), (0.5, 3.5, 0.45), (1.0, 2.0, 0.2)])
def test_the_more_it_is_varied_the_less_is_asked_to_come_back(
    variation: float, beginning_s: float, returns: float
) -> None:
    found = theme_return(Remembered(3, TUNE, "any"), D_MAJOR, variation, REQUEST)
    assert found is not None
    assert found.beginning_s == pytest.approx(beginning_s)
    assert found.request.returns == pytest.approx(returns)


@pytest.mark.parametrize(("variation", "beginning_s"), [(0.0, 18.0), (0.2, 11.5), (0.5, 4.5), (1.0, 2.0)])
def test_a_room_hears_most_of_a_theme_that_is_hardly_varied(variation: float, beginning_s: float) -> None:
    found = theme_return(Remembered(3, TUNE, "any"), D_MAJOR, variation, REQUEST, restated_share(variation))
    assert found is not None
    assert found.beginning_s == pytest.approx(beginning_s)
    assert found.request.phrase_s == max(26.0 - round(beginning_s), 6.0)


def test_what_is_heard_is_the_beginning_and_then_what_was_drawn() -> None:
    found = theme_return(Remembered(3, TUNE, "any"), D_MAJOR, 0.0, REQUEST)
    assert found is not None
    going_on = Phrase((Note(0.0, 70, 1.0, 60), Note(1.0, 71, 1.0, 60)), (PedalSpan(0.0, 1.5),))
    heard = found.restated(going_on)
    assert [n.pitch for n in heard.notes] == [*(n.pitch for n in found.beginning), 70, 71]
    assert heard.notes[-2].onset_s == pytest.approx(5.0)
    assert heard.pedal == (PedalSpan(5.0, 6.5),)


def test_a_theme_too_short_to_be_known_is_not_asked_for() -> None:
    assert theme_return(Remembered(3, Phrase(TUNE.notes[:5]), "any"), D_MAJOR, 0.0, REQUEST) is None


class Pupil(Wanderer):
    """Wanders, but answers no request with a primer unless it `can_return`; notes what it was asked to bring back.

    It knows of no way from one theme to another.
    """

    def __init__(self, can_return: bool) -> None:
        super().__init__()
        self._can_return = can_return
        self.themes: set[Request] = set()

    def take(self, request: Request) -> Phrase | None:
        if request.primer is None:
            return super().take(request)
        if request.towards is not None:
            return None
        self.themes.add(request)
        return replace(wandering(request.seed, 2.4, request.phrase_s)) if self._can_return else None


@pytest.mark.parametrize("can_return", [True, False])
def test_returns_are_drawn_anew_where_the_performer_can_and_edited_where_it_cannot(can_return: bool) -> None:
    pupil = Pupil(can_return)
    conductor = Conductor(3, load_mood("gymnopedie"), pupil)
    returns = [o for o in (conductor.next_score().origin for _ in range(40)) if o.startswith("recall")]
    assert len(returns) > 10
    anew = [origin for origin in returns if origin.endswith(ORIGIN)]
    assert len(anew) >= 0.7 * len(returns) if can_return else not anew
    assert {theme.performer for theme in pupil.themes} == {"satie_transformer"}
    assert all(theme.primer and theme.returns for theme in pupil.themes)


def test_themes_that_are_hardly_varied_are_known_again_by_more_than_their_beginning() -> None:
    mood = load_mood("vexations")
    told = {}
    for variation in (0.1, 0.8):
        pupil = Pupil(True)
        varied = mood.model_copy(update={"conductor": mood.conductor.model_copy(update={"variation": variation})})
        conductor = Conductor(3, varied, pupil)
        for _ in range(20):
            conductor.next_score()
        told[variation] = sum(request.phrase_s for request in pupil.themes) / len(pupil.themes)
    assert told[0.1] < told[0.8] - 5.0
