"""MIDI of Pd's own, as it comes from its drivers, on its way to the hub."""

from __future__ import annotations

from pathlib import Path

from tests.pd.batch import HERE, Event, run_batch


def test_knobs_and_keys_become_messages(tmp_path: Path) -> None:
    """Pd hands what a driver says to these receivers: controller value channel, pitch velocity channel."""
    events = [
        Event(10, "#ctlin 74 100 2"),
        Event(20, "#ctlin 64 127 1"),
        Event(30, "#notein 60 80 1"),
        Event(40, "#notein 60 0 1"),
    ]
    reports, errors = run_batch(tmp_path, [HERE / "midi.pd"], events)
    assert errors == ""
    assert [(report.address, report.arguments) for report in reports] == [
        ("/midi/control", ("2", "74", "100")),
        ("/midi/control", ("1", "64", "127")),
        ("/midi/note", ("1", "60", "80")),
        ("/midi/note", ("1", "60", "0")),
    ]
