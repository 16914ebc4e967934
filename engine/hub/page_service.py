"""Tells surfaces what is on the page they look at, and takes in what is moved or typed there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from engine.errors import ControlError
from engine.hub.pages import pages, place_of, place_on_pages, rows_of, text_of, typed, value_at
from engine.osc.port import Endpoint, Message
from engine.parameters.address import Address, Value
from engine.parameters.addresses import find

Send = Callable[..., None]


class PageService:
    """`send(who, path, *arguments)`; `values` gives the present value of every address."""

    def __init__(self, send: Send, values: Callable[[], Mapping[str, Value]]) -> None:
        self._send, self._values = send, values
        self.looking: dict[Endpoint, str] = {}
        """Who looks at which page."""

    def take(self, message: Message) -> tuple[Address, Value | None] | None:
        """What a message below /page sets, or None where it asks for a page. Raises ControlError."""
        arguments = message.arguments
        if message.path == "/page":
            self.show_page(message.source, str(arguments[0]) if arguments else "")
            return None
        if len(arguments) != 2 or not isinstance(arguments[0], str):
            raise ControlError(f"{message.path} takes an address and what it is set to, but {arguments!r} came")
        row = find(arguments[0])
        if row.path not in place_on_pages():
            raise ControlError(f"{row.path} is on no page")
        if message.path == "/page/type":
            return row, row.parse([typed(row, _words(arguments[1]))])
        if not isinstance(arguments[1], int | float) or not math.isfinite(arguments[1]):
            raise ControlError(f"{message.path} takes a place from 0 to 1, but {arguments[1]!r} came")
        return row, row.parse([value_at(row, float(arguments[1]))])

    def tell(self, path: str, value: Value) -> None:
        """Sends a new value to those who look at it."""
        page, number = place_on_pages().get(path, ("", 0))
        for who, name in self.looking.items():
            if name == page:
                self._tell(who, number, find(path), value)

    def keep(self, subscribers: Mapping[Endpoint, float]) -> None:
        """Forget who no longer listens."""
        self.looking = {who: page for who, page in self.looking.items() if who in subscribers}

    def show_page(self, who: Endpoint, name: str) -> None:
        """Tell `who` of all rows of a page, and from now on of what changes there. Raises ControlError."""
        if name not in pages():
            raise ControlError(f"/page: there is no page {name!r}; there are {', '.join(pages())}")
        self.looking[who] = name
        values = self._values()
        for number, row in rows_of(name):
            if row is None:
                self._send(who, f"/page/row_{number}", "none", "none", "none")
                self._send(who, f"/page/value_{number}", 0.0, "none")
            else:
                self._send(who, f"/page/row_{number}", row.address.path, row.label, row.range)
                self._tell(who, number, row.address, values[row.address.path])

    def _tell(self, who: Endpoint, number: int, row: Address, value: Value) -> None:
        self._send(who, f"/page/value_{number}", float(place_of(row, value)), text_of(row, value))


def _words(argument: object) -> str:
    """A box in Pure Data sends a number where one was typed."""
    return f"{argument:g}" if isinstance(argument, float) else str(argument)
