"""Which stems are heard: mutes, and solos that mute all others."""

from __future__ import annotations

import pytest

from engine.parameters.room import RoomState, StemsSettings, heard_stems, send_gain
from engine.parameters.stems import LAYERS, RETURNS, STEMS

ALL = frozenset(STEMS)


@pytest.mark.parametrize(
    ("muted", "solo", "heard"),
    [
        ((), (), ALL),
        (("cello",), (), ALL - {"cello"}),
        ((), ("cello",), {"cello", *RETURNS}),
        ((), ("cello", "bells"), {"cello", "bells", *RETURNS}),
        (("cello",), ("cello", "bells"), {"bells", *RETURNS}),
        (("cello", "far"), ("cello",), {"near", "echo"}),
        ((), ("far",), {"far"}),
        ((), ("far", "cello"), {"far", "cello"}),
    ],
)
def test_mutes_count_and_solos_silence_the_others(muted: tuple[str, ...], solo: tuple[str, ...], heard: object) -> None:
    values = {f"/stem/{stem}/mute": 1 for stem in muted} | {f"/stem/{stem}/solo": 1 for stem in solo}
    assert heard_stems(values) == heard


def test_sends_follow_mute_solo_and_fader_but_no_solo_of_a_return() -> None:
    values: dict[str, object] = {"/stem/cello/mute": 1, "/stem/bells/level_db": -20.0, "/stem/far/solo": 1}
    gains = {layer: send_gain(values, layer) for layer in LAYERS}
    assert gains.pop("cello") == 0.0
    assert gains.pop("bells") == pytest.approx(0.1)
    assert set(gains.values()) == {1.0}
    assert send_gain({"/stem/bells/solo": 1}, "piano") == 0.0
    assert send_gain({"/stem/bells/level_db": -60.0}, "bells") == 0.0
    assert send_gain({"/stem/bells/level_db": 12.0}, "bells") == 1.0


def test_there_are_settings_for_every_stem_in_the_order_of_reels() -> None:
    assert tuple(StemsSettings.model_fields) == STEMS
    assert RoomState().room.silent is False
