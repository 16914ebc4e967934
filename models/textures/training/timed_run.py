"""One training loop for every network here: it runs for a time, stops at any step, and goes on later."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final, Protocol

SAVED_EVERY_S: Final = 60.0


class Learner(Protocol):
    """A training on its way: `learn` takes one step and returns its loss, `record` measures and writes a line."""

    step: int
    elapsed_s: float
    measure_every: int
    row: dict[str, Any]

    def learn(self) -> float: ...

    def record(self, mean_loss: float) -> None: ...

    def save(self) -> None: ...


def run(learner: Learner, until_s: float, stopping: Callable[[], bool], report: Callable[[int, float], None]) -> None:
    """Learns until it has taken `until_s` seconds in all its runs, or `stopping`; saves every minute and at the end.

    `report` hears the number of steps and the last loss after each.
    """
    losses: list[float] = []
    saved = time.monotonic()
    while learner.elapsed_s < until_s and not stopping():
        began = time.monotonic()
        losses.append(learner.learn())
        learner.step += 1
        learner.elapsed_s += time.monotonic() - began
        report(learner.step, losses[-1])
        if learner.step % learner.measure_every == 0:
            learner.record(sum(losses) / len(losses))
            losses.clear()
        if time.monotonic() - saved > SAVED_EVERY_S:
            learner.save()
            saved = time.monotonic()
    learner.save()
