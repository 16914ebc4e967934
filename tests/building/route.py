"""What the MIDI route of the tests loses by itself: a bare program strikes keys, another hears them, nothing between.

The control of the strokes that the player sends through the same route. JACK as it runs by default does not wait for a
program that is late.
"""

from __future__ import annotations

import time
from typing import Any, Final

from tests.jack import instrument, jack

SPACING_S: Final = 0.003


def measure(strokes: int) -> dict[str, object]:
    """How many of so many keys arrive, where JACK waits for programs and where it does not."""
    return {name: _arrived(strokes, waits) for name, waits in (("as it runs", False), ("synchronous", True))}


def _arrived(strokes: int, synchronous: bool) -> dict[str, int]:
    import rtmidi

    with jack(synchronous), instrument() as keys:
        port: Any = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="control")
        port.open_port(next(n for n, name in enumerate(port.get_ports()) if "Disklavier" in name))
        time.sleep(1.0)
        for number in range(strokes):
            port.send_message([0x90, 21 + number % 88, 80])
            time.sleep(SPACING_S)
        time.sleep(2.0)
        port.close_port()
        port.delete()
    return {"struck": strokes, "arrived": len(keys.struck_s())}
