"""What tests of performers have in common."""

from __future__ import annotations

import pytest

from models.performers.evaluation import telling_apart


@pytest.fixture(autouse=True)
def _few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as it takes to tell a few excerpts apart; networks are judged by more."""
    monkeypatch.setattr(telling_apart, "TREES", 20)
