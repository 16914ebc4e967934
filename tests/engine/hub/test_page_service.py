"""Pages: told to who looks at them, moved by place, typed as text."""

from __future__ import annotations

import pytest

from engine.errors import ControlError
from engine.hub.page_service import PageService
from engine.hub.pages import PAGES, place_on_pages, rows_of
from engine.osc.port import Message
from engine.parameters.addresses import find, values_of
from engine.parameters.moods import load_mood

ONE, OTHER = ("127.0.0.1", 1), ("127.0.0.1", 2)
TEMPO = "/performer/tempo"


class Service(PageService):
    def __init__(self) -> None:
        self.sent: list[tuple[object, ...]] = []
        super().__init__(
            lambda who, path, *arguments: self.sent.append((who, path, *arguments)),
            lambda: values_of(load_mood("night")),
        )

    def open(self, who: tuple[str, int], page: str) -> None:
        assert self.take(Message("/page", (page,), who)) is None


def test_who_asks_for_a_page_is_told_every_row_and_value_of_it() -> None:
    service = Service()
    service.open(ONE, "performer")
    told = {path: arguments for who, path, *arguments in service.sent if who == ONE}
    for number, row in rows_of("performer"):
        assert told[f"/page/row_{number}"][0] == (row.address.path if row else "none")
    number = place_on_pages()[TEMPO][1]
    assert told[f"/page/value_{number}"][1] != "none"


def test_a_new_value_goes_to_who_looks_at_it() -> None:
    service = Service()
    service.open(ONE, "performer")
    service.open(OTHER, next(page for page in PAGES if page != "performer"))
    service.sent.clear()
    service.tell(TEMPO, 1.25)
    [(who, path, place, text)] = service.sent
    assert (who, path) == (ONE, f"/page/value_{place_on_pages()[TEMPO][1]}")
    assert 0.0 <= place <= 1.0  # type: ignore[operator]
    assert "1.25" in str(text)
    service.keep({OTHER: 0.0})
    service.sent.clear()
    service.tell(TEMPO, 1.5)
    assert service.sent == [], "it listens no longer"


def test_a_place_and_a_text_become_a_value() -> None:
    service = Service()
    row, top = service.take(Message("/page/move", (TEMPO, 1.0), ONE)) or (None, None)
    assert (row, top) == (find(TEMPO), find(TEMPO).high)
    assert service.take(Message("/page/type", (TEMPO, 1.25), ONE)) == (find(TEMPO), 1.25)
    assert service.take(Message("/page/type", ("/scale/mode", "dorian"), ONE)) == (find("/scale/mode"), "dorian")


@pytest.mark.parametrize(
    ("path", "arguments", "said"),
    [
        ("/page", ("kitchen",), "there is no page 'kitchen'"),
        ("/page/move", (TEMPO,), "takes an address and"),
        ("/page/move", (TEMPO, "up"), "a place from 0 to 1"),
        ("/page/move", (TEMPO, float("nan")), "a place from 0 to 1"),
        ("/page/move", ("/mood", 0.5), "is on no page"),
        ("/page/type", ("/layer/cello/pam", "1"), "/layer/cello/pan"),
    ],
)
def test_nonsense_is_refused_with_what_was_expected(path: str, arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(ControlError, match=said):
        Service().take(Message(path, arguments, ONE))
