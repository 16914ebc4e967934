"""Holds the messages of bundles until their time comes."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count
from typing import Final, Generic, TypeVar

MOST_WAITING: Final = 1_000
LONGEST_S: Final = 60.0
"""What is for later than this is refused: it is more likely that two clocks differ."""

Item = TypeVar("Item")


class ScheduledBundles(Generic[Item]):
    """Bounded; gives what is due in the order of time, and at equal times in the order in which it came."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Item]] = []
        self._numbers = count()

    def refusal(self, due_s: float, now_s: float) -> str:
        """Why something for `due_s` cannot wait here; empty where it can."""
        if due_s - now_s > LONGEST_S:
            return f"a bundle for in {due_s - now_s:.0f} s; at most {LONGEST_S:.0f} s: do the clocks agree?"
        if len(self._waiting) >= MOST_WAITING:
            return f"{MOST_WAITING} messages wait for their time already"
        return ""

    def add(self, due_s: float, item: Item) -> None:
        heapq.heappush(self._waiting, (due_s, next(self._numbers), item))

    def due(self, now_s: float) -> Iterator[Item]:
        while self._waiting and self._waiting[0][0] <= now_s:
            yield heapq.heappop(self._waiting)[2]

    def next_in_s(self, now_s: float) -> float:
        """How long until something is due; infinite where nothing waits."""
        return max(0.0, self._waiting[0][0] - now_s) if self._waiting else float("inf")
