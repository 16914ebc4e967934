"""Opens and fits textures beside the rendering, which takes some seconds each and must not hold up a reel."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from engine.sound.textures.treatment import Loop, Treatment, open_texture


class LoopLoader:
    """One thread that prepares textures in turn.

    With `patient`, `prepare` itself does the work, so that when a texture is ready does not depend on how fast the
    machine is: what is rendered for keeps sounds the same every time.
    """

    def __init__(self, patient: bool) -> None:
        self._thread = None if patient else ThreadPoolExecutor(1, "textures")

    def prepare(self, path: Path, treatment: Treatment, place: float) -> Future[Loop]:
        """The loop to come, or the error that comes instead; see `open_texture`."""
        if self._thread:
            return self._thread.submit(open_texture, path, treatment, place)
        done: Future[Loop] = Future()
        try:
            done.set_result(open_texture(path, treatment, place))
        except Exception as problem:
            done.set_exception(problem)
        return done

    def close(self) -> None:
        """Drops what has not begun; what has, ends by itself."""
        if self._thread:
            self._thread.shutdown(wait=False, cancel_futures=True)
