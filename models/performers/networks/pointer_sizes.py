"""The shape of a pointer, shared by the networks that learn and the loops that draw."""

from __future__ import annotations

from typing import Final

POINTER_SIZE: Final = 64
"""Of the queries and keys by which an event heard before is pointed at (see `models.performers.networks.pointer`)."""

RNN_REACH_EVENTS: Final = 2_048
"""How far back the Performance RNN's pointer reaches: some two minutes. The Transformer's reaches as far as it does."""
