"""Tasks on all cores: processes that stay, each doing one task after another, and end when asked to or interrupted.

Processes rather than threads, since pyo takes Python's lock for every buffer.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Final

from engine.cores import usable_cores
from engine.errors import AmeublementError, RecordError
from engine.signals import STOPS, unstoppable

MOST_WORKERS: Final = 4
_STOP: Final = None
_PATIENCE_S: Final = 3.0

Report = Callable[[float], None]
"""Told the share 0..1 of a task that is done."""


@dataclass
class Task:
    """`work(report, *arguments)` runs in a worker once all of `after` are done; `weight` is its likely share of time.

    `work` and `arguments` travel between processes; results that are large go through files.
    """

    name: str
    work: Callable[..., Any]
    arguments: Sequence[Any] = ()
    after: Sequence[str] = ()
    weight: float = 1.0


@dataclass
class _Worker:
    process: Any
    pipe: Connection
    task: Task | None = None


@dataclass
class Pool:
    """Runs tasks with as many workers as there are cores for it; use it in a `with` statement."""

    count: int = field(default_factory=lambda: min(usable_cores(), MOST_WORKERS))
    _workers: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> Pool:
        try:
            with unstoppable():  # a worker that is not in the list yet would be left behind
                self._begin()
        except BaseException:
            self._end()
            raise
        return self

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        for _ in range(self.count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))

    def __exit__(self, *_: object) -> None:
        with unstoppable():
            self._end()

    def _end(self) -> None:
        for worker in self._workers:
            if worker.task is None:
                self._tell(worker, _STOP)
            else:
                worker.process.kill()
        for worker in self._workers:
            worker.process.join(_PATIENCE_S)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.pipe.close()

    def run(self, tasks: Iterable[Task], report: Report = lambda _: None) -> dict[str, Any]:
        """The results by task, in the order in which they became possible; the first error ends everything.

        Of those that are ready, the one begins behind which most work waits in a row. Raises what a task raised, if it
        is an error of ours, or `RecordError` with the traceback.
        """
        waiting = _longest_way_first(list(tasks))
        total = sum(task.weight for task in waiting)
        results: dict[str, Any] = {}
        shares: dict[str, float] = {}
        weights = {task.name: task.weight for task in waiting}
        while waiting or any(worker.task for worker in self._workers):
            self._hand_out(waiting, results)
            busy = {worker.pipe: worker for worker in self._workers if worker.task}
            for pipe in wait(list(busy)):
                worker = busy[pipe]  # type: ignore[index]
                name = worker.task.name if worker.task else ""
                kind, value = self._heard(worker)
                if kind == "progress":
                    shares[name] = value
                elif kind == "failed":
                    raise value
                else:
                    shares[name], results[name], worker.task = 1.0, value, None
                report(sum(weights[n] * share for n, share in shares.items()) / total)
        return results

    def _hand_out(self, waiting: list[Task], results: dict[str, Any]) -> None:
        for worker in self._workers:
            ready = next((task for task in waiting if all(name in results for name in task.after)), None)
            if worker.task is None and ready is not None:
                waiting.remove(ready)
                worker.task = ready
                self._tell(worker, (ready.work, tuple(ready.arguments)))

    def _heard(self, worker: _Worker) -> tuple[str, Any]:
        try:
            return worker.pipe.recv()
        except (EOFError, OSError):
            name = worker.task.name if worker.task else "a task"
            problem = RecordError(f"the process working on {name} died; is there memory enough?")
            worker.task = None
            return "failed", problem

    def _tell(self, worker: _Worker, message: Any) -> None:
        with contextlib.suppress(OSError):  # it has died, which `run` finds out when it listens
            worker.pipe.send(message)


def _longest_way_first(tasks: list[Task]) -> list[Task]:
    """Tasks by the weight of the longest row of tasks that begins with them: that row must not wait."""
    followers: dict[str, list[Task]] = {task.name: [] for task in tasks}
    for task in tasks:
        for name in task.after:
            followers[name].append(task)

    @functools.cache
    def way(name: str) -> float:
        return weights[name] + max((way(task.name) for task in followers[name]), default=0.0)

    weights = {task.name: task.weight for task in tasks}
    return sorted(tasks, key=lambda task: -way(task.name))


def _serve(pipe: Connection) -> None:
    """A worker's life. Ctrl-C goes to the whole group of processes; the one that started them decides."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each has a core to itself, and sums keep their order
    with contextlib.suppress(EOFError, OSError):  # whoever gave the tasks is gone, so nobody wants the rest
        while (message := pipe.recv()) is not _STOP:
            pipe.send(_done(pipe, *message))


def _done(pipe: Connection, work: Callable[..., Any], arguments: Sequence[Any]) -> tuple[str, Any]:
    """The result of a task, or what went wrong."""
    try:
        return "done", work(lambda share: pipe.send(("progress", share)), *arguments)
    except AmeublementError as error:
        return "failed", error
    except BrokenPipeError:
        raise
    except Exception:
        return "failed", RecordError(f"something went wrong that should not have:\n{traceback.format_exc()}")
