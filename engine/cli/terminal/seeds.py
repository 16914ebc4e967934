"""The option that says by which chance something is drawn."""

from __future__ import annotations

from typing import Annotated, Final

import typer

HIGHEST_SEED: Final = 2**31 - 1
"""As large as a number in OSC may be, so that any seed can be told to an installation."""

Seed = Annotated[int, typer.Option(min=0, max=HIGHEST_SEED, help="Same seed, same result.")]
