"""Chance: the same everywhere, and independent between decisions."""

from engine.seeding import chance, seed_from


def test_seeds_are_fixed_for_good() -> None:
    assert seed_from(1, "bells") == seed_from(1, "bells")
    assert seed_from(1, "bells") != seed_from(1, "cello") != seed_from(2, "cello")
    assert seed_from("1", "2") != seed_from("12")
    assert 0 <= seed_from("x") < 2**63


def test_a_generator_replays() -> None:
    assert [chance(7, "a").random() for _ in range(3)] == [chance(7, "a").random()] * 3
