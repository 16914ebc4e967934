"""pyo, imported without the advertisement for a graphics toolkit that it prints."""

import contextlib
import io

with contextlib.redirect_stdout(io.StringIO()):
    import pyo

__all__ = ["pyo"]
