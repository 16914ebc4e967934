"""Strangers are refused before anybody reads what they say; friends may not shout."""

from __future__ import annotations

import pytest

from engine.errors import AmeublementError
from engine.hub.access import BURST, MOST_SENDERS, PACKETS_PER_S, Access, networks


def test_the_house_and_this_machine_pass_and_the_world_does_not() -> None:
    access = Access()
    assert all(access.admits(host) for host in ("127.0.0.1", "192.168.1.20", "10.3.4.5", "172.20.0.1"))
    assert not any(access.admits(host) for host in ("8.8.8.8", "172.32.0.1", "193.168.1.20", "not an address", ""))
    assert access.refused == 5


def test_a_list_lets_in_who_is_on_it() -> None:
    access = Access(networks(["192.168.1.20", "10.1.0.0/16"]))
    assert access.admits("192.168.1.20")
    assert access.admits("10.1.200.3")
    assert not access.admits("192.168.1.21")
    assert access.admits("127.0.0.1")
    assert access.last_refused == "192.168.1.21"
    assert [where for where, _ in access.news()] == ["/stranger"]
    assert access.news() == []


@pytest.mark.parametrize("word", ["laptop.local", "192.168.1", "192.168.1.0/40", "::1", ""])
def test_what_is_no_network_is_refused(word: str) -> None:
    with pytest.raises(AmeublementError, match="--allow"):
        networks([word])


def test_one_sender_cannot_shout_and_others_do_not_suffer() -> None:
    now_s = [0.0]
    access = Access(clock=lambda: now_s[0])
    passed = 0
    for packet in range(100_000):  # ten seconds of ten thousand a second
        now_s[0] = packet / 10_000
        passed += access.admits("192.168.1.66")
        if packet % 1000 == 0:
            assert access.admits("192.168.1.20")
    assert passed == pytest.approx(BURST + 10 * PACKETS_PER_S, abs=2)
    now_s[0] += 1.0
    assert access.admits("192.168.1.66")


def test_nor_can_a_program_on_this_machine_and_its_neighbours_do_not_suffer() -> None:
    now_s = [0.0]
    access = Access(clock=lambda: now_s[0])
    passed = 0
    for packet in range(20_000):
        now_s[0] = packet / 10_000
        passed += access.admits("127.0.0.1", 4001)
        if packet % 50 == 0:
            assert access.admits("127.0.0.1", 4002), "the room, two hundred times a second"
    assert passed == pytest.approx(BURST + 2 * PACKETS_PER_S, abs=2)
    assert access.too_many == 20_000 - passed
    [(where, text)] = access.news()
    assert where == "/too_many"
    assert text.startswith(f"{access.too_many} OSC packets of 127.0.0.1:4001 were lost")
    assert access.news() == []


def test_memory_of_senders_is_bounded() -> None:
    access = Access()
    for number in range(5000):
        access.admits(f"10.0.{number // 256}.{number % 256}")
    assert len(access._left) == MOST_SENDERS
