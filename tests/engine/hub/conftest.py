"""The hub between real sockets standing for a controller, the room and the renderer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.hub_bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()
