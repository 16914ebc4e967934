"""One step at a time, with pauses that grow, and never an end."""

from __future__ import annotations

from itertools import pairwise

from engine.supervision.monitoring.audible import CHECKS
from engine.supervision.monitoring.restart_policy import CURED_S, LONGEST_PAUSE_S, STEPS, RestartPolicy


def steps(policy: RestartPolicy, failing: list[str], begin_s: float, length_s: float) -> list[tuple[float, str]]:
    found = []
    for tenth in range(round(length_s * 10)):
        now_s = begin_s + tenth / 10
        if part := policy.next_step(failing, now_s):
            found.append((now_s, part))
    return found


def test_every_check_has_a_remedy() -> None:
    assert set(STEPS) == set(CHECKS)


def test_silence_is_first_the_rooms_fault_then_the_renderers() -> None:
    taken = steps(RestartPolicy(), ["silence"], 100.0, 50.0)
    assert [part for _, part in taken] == ["room", "renderer", "room"]
    assert [now_s for now_s, _ in taken] == [100.0, 115.0, 130.0]


def test_it_never_gives_up_and_does_not_make_things_worse() -> None:
    taken = [now_s for now_s, _ in steps(RestartPolicy(), ["stuck"], 0.0, 7200.0)]
    pauses = [b - a for a, b in pairwise(taken)]
    assert pauses == sorted(pauses)
    assert max(pauses) <= LONGEST_PAUSE_S + 0.2
    assert 12 < len(taken) < 25


def test_after_a_cure_the_first_step_comes_at_once_again() -> None:
    policy = RestartPolicy()
    steps(policy, ["silence"], 0.0, 200.0)
    assert steps(policy, [], 200.0, CURED_S + 500.0) == []
    assert steps(policy, ["silence"], 1000.0, 1.0) == [(1000.0, "room")]


def test_what_was_tried_against_one_fault_says_nothing_about_the_next() -> None:
    """Reels refused, then silence out of Pd half a minute later: it lasted 71 s, for the room's turn had passed."""
    policy = RestartPolicy()
    steps(policy, ["refused"], 0.0, 50.0)
    assert [part for _, part in steps(policy, ["silence"], 60.0, 16.0)] == ["room", "renderer"]


def test_a_new_part_is_given_time_whatever_fails() -> None:
    policy = RestartPolicy()
    assert policy.next_step(["deck"], 0.0) == "room"
    assert [now_s for now_s, _ in steps(policy, ["silence"], 1.0, 20.0)] == [15.0]


def test_a_fault_that_comes_and_goes_is_still_the_same_fault() -> None:
    policy = RestartPolicy()
    for round_ in range(50):
        policy.next_step(["silence"] if round_ % 2 else [], round_ * 20.0)
    assert len(steps(policy, ["silence"], 1001.0, 300.0)) <= 1
