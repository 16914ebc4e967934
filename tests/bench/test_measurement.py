"""What is judged is the ratio, and a row says so."""

import json

from bench.__main__ import machine
from bench.measurement import Measurement, median


def test_only_the_ratio_counts() -> None:
    for scale in (1.0, 0.1):  # a machine that is ten times slower in everything
        assert Measurement(6.0 * scale, "events/s", 10.0 * scale, "a peer", at_least=0.6).kept
        assert not Measurement(5.9 * scale, "events/s", 10.0 * scale, "a peer", at_least=0.6).kept
        assert Measurement(2.0 * scale, "s", 1.0 * scale, "a peer", at_most=2.0).kept
        assert not Measurement(2.1 * scale, "s", 1.0 * scale, "a peer", at_most=2.0).kept


def test_what_promises_nothing_has_no_verdict() -> None:
    row = Measurement(1.0, "MB", 0.0, "nothing")
    assert (row.kept, row.verdict, row.promise) == (True, "", "")


def test_nothing_late_is_kept_whatever_was_played() -> None:
    assert Measurement(0, "reels", 0, "reels played", at_most=0.0).kept
    assert not Measurement(1, "reels", 60, "reels played", at_most=0.0).kept


def test_a_row_carries_what_a_reader_needs() -> None:
    row = json.loads(json.dumps(Measurement(3.0, "events/s", 4.0, "a peer", at_least=0.5).as_dict()))
    assert row == {
        "value": 3.0, "unit": "events/s", "reference": 4.0, "reference_is": "a peer",
        "ratio": 0.75, "promise": "≥ 0.5", "verdict": "kept",
    }  # fmt: skip


def test_one_disturbed_repetition_does_not_count() -> None:
    found = iter([1.0, 50.0, 1.1])
    assert median(lambda: next(found)) == 1.1


def test_the_machine_is_named() -> None:
    assert {"processor", "cores", "flags"} <= machine().keys()
