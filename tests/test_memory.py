"""What all processes of the real installation need together, counted proportionally."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import installation

PSS = Path("/proc/self/smaps_rollup")
ALL_OF_IT_MB = 670.0
SMALL_MB = 385.0
"""Both are a tenth more than was measured at most: 609 and 349 MB."""


@pytest.mark.realtime
@pytest.mark.skipif(not PSS.exists(), reason="this system tells no proportional sizes")
@pytest.mark.parametrize(("options", "most_mb"), [((), ALL_OF_IT_MB), (("--small",), SMALL_MB)])
def test_memory_of_all_processes(tmp_path: Path, options: tuple[str, ...], most_mb: float) -> None:
    """Long enough that textures are fitted and phrases drawn, which is when most is taken."""
    with installation(tmp_path, "--minutes", "0.6", *options) as run:
        run.until(run.sounds, 60.0)
        run.process.wait(90)
    figures = run.summary()
    assert figures["phrases"] >= 1
    memory_mb = figures["peak_pss_mb"]
    assert memory_mb["renderer"] > 50.0  # it was looked at
    assert memory_mb["total"] <= most_mb, memory_mb
    assert ("archivist" in memory_mb) == (not options)
