"""The calls of FluidSynth's library that pyfluidsynth does not wrap: mixing for several outputs, own presets.

Source: https://www.fluidsynth.org/api/ (groups "Audio rendering", "SoundFont API", "Voice manipulation"); generators as
in SoundFont Technical Specification 2.04, section 8.1.2.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

from engine.errors import SoundFontError

_POINTER, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float

GetName: Final = ctypes.CFUNCTYPE(ctypes.c_char_p, _POINTER)
GetNumber: Final = ctypes.CFUNCTYPE(_INT, _POINTER)
GetPreset: Final = ctypes.CFUNCTYPE(_POINTER, _POINTER, _INT, _INT)
Begin: Final = ctypes.CFUNCTYPE(None, _POINTER)
Next: Final = ctypes.CFUNCTYPE(_POINTER, _POINTER)
FreeFont: Final = ctypes.CFUNCTYPE(_INT, _POINTER)
FreePreset: Final = ctypes.CFUNCTYPE(None, _POINTER)
NoteOn: Final = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _INT, _INT)

FILTER_CUTOFF, PAN, ATTACK, RELEASE, ATTENUATION, FINE_TUNE = 8, 17, 34, 38, 48, 52
"""Generators: absolute cents, thousandths, timecents, timecents, centibels, cents."""

_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "fluid_synth_process": (_INT, (_POINTER, _INT, _INT, _POINTER, _INT, _POINTER)),
    "fluid_synth_add_sfont": (_INT, (_POINTER, _POINTER)),
    "fluid_synth_alloc_voice": (_POINTER, (_POINTER, _POINTER, _INT, _INT, _INT)),
    "fluid_synth_start_voice": (None, (_POINTER, _POINTER)),
    "fluid_voice_gen_set": (None, (_POINTER, _INT, _FLOAT)),
    "new_fluid_sfont": (_POINTER, (GetName, GetPreset, Begin, Next, FreeFont)),
    "delete_fluid_sfont": (_INT, (_POINTER,)),
    "new_fluid_preset": (_POINTER, (_POINTER, GetName, GetNumber, GetNumber, NoteOn, FreePreset)),
    "delete_fluid_preset": (None, (_POINTER,)),
    "new_fluid_sample": (_POINTER, ()),
    "delete_fluid_sample": (None, (_POINTER,)),
    "fluid_sample_set_sound_data": (
        _INT,
        (_POINTER, _POINTER, _POINTER, ctypes.c_uint, ctypes.c_uint, ctypes.c_short),
    ),
    "fluid_sample_set_pitch": (_INT, (_POINTER, _INT, _INT)),
}


@cache
def fluidsynth() -> Any:
    """The package pyfluidsynth. Raises SoundFontError where it finds no library."""
    try:
        import fluidsynth as package
    except (ImportError, OSError, AttributeError) as problem:  # what pyfluidsynth raises without its library
        raise SoundFontError(
            f"the FluidSynth library cannot be loaded ({problem}); install libfluidsynth3 (Debian, Ubuntu) "
            "or `brew install fluid-synth`"
        ) from problem
    return package


@cache
def library() -> Any:
    """The library itself, with the calls above declared."""
    handle = fluidsynth()._fl  # noqa: SLF001  (pyfluidsynth's handle of it)
    for name, (result, arguments) in _CALLS.items():
        call = getattr(handle, name)
        call.restype, call.argtypes = result, arguments
    return handle
