"""A few seconds of the flood that `make soak` keeps up for a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.flood import flooded, section


@pytest.mark.realtime
def test_a_flood_of_messages_costs_no_reel(tmp_path: Path) -> None:
    found = flooded(tmp_path, length_s=3.0, settle_s=1.0, after_s=3.0)
    assert found.sent >= 30_000
    assert (found.late_reels, found.holds, found.gaps, found.restarts) == (0, 0, 0, 0)
    assert found.longest_silence_s < 3.0
    assert "late reels 0, hold loop 0" in section(vars(found))
