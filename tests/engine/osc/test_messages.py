"""What the hub believes of what the processes tell it."""

from __future__ import annotations

import pytest

from engine.osc.messages import INNER_REPORTS, METERS, fits, is_inner
from engine.parameters.addresses import TABLE


def test_reports_are_known_by_their_address() -> None:
    assert is_inner("/room/meter")
    assert is_inner("/meter/piano")
    assert not is_inner("/meter/kazoo")
    assert not is_inner("/layer/piano/level_db")
    assert not METERS & set(INNER_REPORTS)


@pytest.mark.parametrize("path", sorted(set(INNER_REPORTS) & set(TABLE)))
def test_what_is_also_told_to_surfaces_cannot_be_set_by_them(path: str) -> None:
    assert TABLE[path].kind == "out" or not hasattr(TABLE[path], "default") or TABLE[path].default is None


@pytest.mark.parametrize(
    ("path", "arguments", "believed"),
    [
        ("/room/meter", (-20.0, -21.0), True),
        ("/room/meter", (-20, -21), True),
        ("/room/meter", (-20.0,), False),
        ("/room/meter", (-20.0, float("nan")), False),
        ("/room/meter", (float("inf"), -20.0), False),
        ("/room/meter", ("loud", -20.0), False),
        ("/meter/piano", (-20.0, -20.0), True),
        ("/meter/piano", (), False),
        ("/phrase/now", ("satie #12",), True),
        ("/phrase/now", (12,), False),
        ("/room/hello", (), True),
        ("/room/hello", ("x", 1, None), True),
    ],
)
def test_arguments_must_be_what_the_address_promises(path: str, arguments: tuple[object, ...], believed: bool) -> None:
    assert fits(path, arguments) is believed
