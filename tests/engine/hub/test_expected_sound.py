"""What the faders ask for: silence where they are closed, more where they are up."""

from __future__ import annotations

import pytest

from engine.hub.expected_sound import LOWEST_DB, expected_sound
from engine.parameters.stems import STEMS


@pytest.mark.parametrize(
    "closed",
    [
        {"/room/level_db": LOWEST_DB},
        {"/room/silent": 1},
        {f"/stem/{stem}/mute": 1 for stem in STEMS},
        {f"/stem/{stem}/level_db": LOWEST_DB for stem in STEMS},
    ],
)
def test_who_closes_the_faders_wants_silence(closed: dict[str, object]) -> None:
    assert expected_sound({}) == (True, 0.0)
    assert expected_sound(closed) == (False, 0.0)


def test_one_fader_that_is_open_is_enough() -> None:
    values: dict[str, object] = {f"/stem/{stem}/level_db": LOWEST_DB for stem in STEMS}
    assert expected_sound({**values, "/stem/cello/level_db": -30.0}) == (True, 0.0)
    assert expected_sound({**values, "/stem/cello/level_db": -30.0, "/stem/piano/solo": 1}) == (False, 0.0)


def test_who_turns_it_up_may_have_it_louder() -> None:
    assert expected_sound({"/room/level_db": 6.0, "/stem/piano/level_db": 3.0}) == (True, 9.0)
