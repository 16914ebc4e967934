"""Which stems are heard: mutes, and solos that mute all others."""

from __future__ import annotations

import pytest

from engine.parameters.room import RoomState, StemsSettings, heard_stems
from engine.parameters.stems import STEMS

ALL = frozenset(STEMS)


@pytest.mark.parametrize(
    ("muted", "solo", "heard"),
    [
        ((), (), ALL),
        (("cello",), (), ALL - {"cello"}),
        ((), ("cello",), {"cello"}),
        ((), ("cello", "bells"), {"cello", "bells"}),
        (("cello",), ("cello", "bells"), {"bells"}),
        (("cello",), ("cello",), set()),
    ],
)
def test_mutes_count_and_solos_silence_the_others(muted: tuple[str, ...], solo: tuple[str, ...], heard: object) -> None:
    values = {f"/stem/{stem}/mute": 1 for stem in muted} | {f"/stem/{stem}/solo": 1 for stem in solo}
    assert heard_stems(values) == heard


def test_there_are_settings_for_every_stem_in_the_order_of_reels() -> None:
    assert tuple(StemsSettings.model_fields) == STEMS
    assert RoomState().room.silent is False
