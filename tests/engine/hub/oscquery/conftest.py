"""One web server for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.hub.oscquery.web_bench import WebBench


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBench]:
    one = WebBench(tmp_path_factory.mktemp("state"))
    yield one
    one.close()
