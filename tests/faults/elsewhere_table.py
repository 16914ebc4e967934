"""Faults of what plays beside the loudspeakers: streams, zones, instruments with a MIDI port."""

from __future__ import annotations

from typing import Final

from tests.faults.acts import kill, stop
from tests.faults.elsewhere_acts import (
    cut_stream,
    cut_zone,
    end_ffmpeg,
    end_jack,
    kill_player,
    plug_in_again,
    streamed,
    unplug,
    with_keys,
    zoned,
)
from tests.faults.fault import Fault

_HEARD_AGAIN: Final = r"heard the stream again, [\d.]+ s after"
_ZONE_AGAIN: Final = r"heard its zone again, [\d.]+ s after"

ELSEWHERE: Final = (
    Fault(
        "streamer killed",
        "not heard; its listener comes back",
        cut_stream(kill("streamer")),
        ("streamer was ended by SIGKILL", _HEARD_AGAIN),
        prepare=streamed,
        together=True,
    ),
    Fault(
        "ffmpeg killed",
        "not heard; its listener comes back",
        cut_stream(end_ffmpeg),
        _HEARD_AGAIN,
        prepare=streamed,
        together=True,
    ),
    Fault(
        "streamer stopped",
        "not heard; replaced, and its listener comes back",
        cut_stream(stop("streamer")),
        ("streamer does not answer", _HEARD_AGAIN),
        prepare=streamed,
        together=True,
    ),
    Fault(
        "snapserver killed",
        "not heard; its client comes back",
        cut_zone(kill("snapserver")),
        ("snapserver was ended by SIGKILL", _ZONE_AGAIN),
        prepare=zoned,
        together=True,
    ),
    Fault(
        "snapserver stopped",
        "not heard; replaced, and its client comes back",
        cut_zone(stop("snapserver")),
        ("snapserver does not answer", _ZONE_AGAIN),
        prepare=zoned,
        together=True,
    ),
    Fault(
        "feeder of the zones killed",
        "not heard; its client comes back",
        cut_zone(kill("zones")),
        ("zones was ended by SIGKILL", _ZONE_AGAIN),
        prepare=zoned,
        together=True,
    ),
    Fault(
        "player of an instrument killed while keys are down",
        "not heard; no key hangs",
        kill_player,
        ("instruments was ended by SIGKILL", r"no key was down after 0\.\d s"),
        prepare=with_keys,
        together=True,
    ),
    Fault(
        "MIDI port gone for 6 s",
        "not heard; keys are struck again",
        unplug,
        "keys were struck again",
        lasts_s=6.0,
        undo=plug_in_again,
        prepare=with_keys,
        together=True,
        after=end_jack,
    ),
)
