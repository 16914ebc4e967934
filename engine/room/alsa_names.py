"""Which names ALSA's configuration defines, and which of them open: a device need not be a card.

A PipeWire or network device, WSL's, or one of an `asoundrc` has a name and no card in /proc/asound.
Source: ALSA library, "Configuration files" (conf.c) and "PCM interface" (pcm.c).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
from functools import cache
from typing import Final

PLAYBACK: Final = 0
DO_NOT_WAIT: Final = 1

_Complain: Final = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
_QUIET: Final = _Complain(lambda *_: None)
"""Kept here, for ALSA keeps only its address: what it cannot open it would complain about on the terminal."""


def is_defined(name: str) -> bool:
    """Whether a configuration file defines a PCM of this name (with or without arguments, as in `plug:dmix`)."""
    alsa = library()
    if alsa is None:
        return False
    top, node = ctypes.c_void_p(), ctypes.c_void_p()
    if alsa.snd_config_update_ref(ctypes.byref(top)) < 0:
        return False
    try:
        return bool(
            alsa.snd_config_search(top, f"pcm.{name.split(':', maxsplit=1)[0]}".encode(), ctypes.byref(node)) >= 0
        )
    finally:
        alsa.snd_config_unref(top)


def opens(name: str) -> bool:
    """Whether a PCM of this name can be played to; one that is busy counts, for it may be the room that has it."""
    alsa, handle = library(), ctypes.c_void_p()
    if alsa is None:
        return False
    problem = -alsa.snd_pcm_open(ctypes.byref(handle), name.encode(), PLAYBACK, DO_NOT_WAIT)
    if problem <= 0:
        alsa.snd_pcm_close(handle)
    return problem <= 0 or problem in (errno.EBUSY, errno.EAGAIN)


@cache
def library() -> ctypes.CDLL | None:
    """ALSA's library, quiet; None where there is none."""
    name = ctypes.util.find_library("asound") or "libasound.so.2"
    try:
        alsa = ctypes.CDLL(name)
    except OSError:
        return None
    alsa.snd_pcm_hw_params_sizeof.restype = ctypes.c_size_t
    alsa.snd_lib_error_set_handler(_QUIET)
    return alsa
