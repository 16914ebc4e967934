"""The faults: what is done to the installation, what is expected of it.

Here what happens to whole parts, to their files and over their network; one installation plays for all of these.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.faults.acts import (
    all_of,
    cut_in_half,
    damage_reels,
    empty,
    every_reel,
    fill_with,
    fill_with_garbage,
    flood,
    flood_web,
    garbage_after_header,
    hold,
    kill,
    kill_hub,
    kill_while_shaped,
    let_go,
    mute_room,
    noise,
    other_port,
    other_runtime,
    remove_runtime,
    same_port,
    same_runtime,
    second_installation,
    stop,
    suspend,
    wreck_hold,
    wreck_journal,
    wreck_phrases,
)
from tests.faults.elsewhere_table import ELSEWHERE
from tests.faults.fault import Fault
from tests.faults.inner_table import IN_PD, IN_RENDERER
from tests.faults.own_table import WITH_THEIR_OWN

_silence, _silence_over = every_reel(fill_with(0.0))
_constant, _constant_over = every_reel(fill_with(0.4))
_noise, _noise_over = every_reel(noise)

_TO_PARTS: Final = (
    # a part that failed less than a minute before is started after a pause, so the faults of one part lie
    # apart
    Fault("sampler killed", "not heard", kill("sampler"), "sampler was ended by SIGKILL", short=True),
    Fault("renderer killed", "reels ahead cover it", kill("renderer"), "renderer was ended by SIGKILL", short=True),
    Fault(
        "hub killed",
        "not heard; another is back within 2 s",
        kill_hub,
        r"a hub was back after [01]\.\d s, the pan of the cello at 0.33",
        short=True,
    ),
    Fault("web server killed", "not heard; replaced", kill("web"), "web was ended by SIGKILL"),
    Fault("web server stopped", "not heard; replaced", stop("web"), "web does not answer", lasts_s=6.0),
    Fault("web server flooded: frames, requests and idle connections", "not heard", flood_web, lasts_s=1.0),
    Fault("spare room killed", "not heard", kill("spare"), "spare room: ended"),
    Fault("reels cut in half", "hold loop", damage_reels(cut_in_half), "reel/bad", short=True),
    Fault("runtime folder removed", "hold loop", remove_runtime, "was removed and is made anew", short=True),
    Fault(
        "room killed", "spare room", kill("room"), "spare room takes its place", gap_s=1.0, click_db=None, short=True
    ),
    Fault("sampler stopped", "not heard; replaced", stop("sampler"), "sampler does not answer"),
    Fault("renderer stopped", "replaced", stop("renderer"), "renderer does not answer"),
    Fault("hub stopped", "not heard; replaced", stop("hub"), ("hub does not answer", "hub started again"), lasts_s=2.0),
    Fault("spare room stopped", "not heard; replaced", stop("spare"), "spare room: ended", lasts_s=4.0),
    Fault("archivist killed", "not heard; replaced", kill("archivist"), "archivist was ended by SIGKILL"),
    Fault("archivist stopped", "not heard; replaced", stop("archivist"), "archivist does not answer", lasts_s=4.0),
    Fault(
        "all of it stopped for 10 s, as a machine that sleeps",
        "goes on where it was",
        suspend(10.0),
        "nobody watched for",
        gap_s=11.0,
        click_db=None,
    ),
    Fault(
        "supervisor stopped",
        "not heard; told to go on",
        stop("supervisor"),
        "supervisor was stopped, and goes on",
        lasts_s=3.0,
    ),
    Fault(
        "supervisor hangs for 8 s",
        "not heard; goes on where it was",
        hold("supervisor"),
        "nobody watched for",
        lasts_s=8.0,
        undo=let_go,
    ),
    Fault(
        "room stopped",
        "spare room",
        stop("room"),
        ("room does not answer", "spare room takes its place"),
        gap_s=1.0,
        click_db=None,
    ),
    Fault("reels of no length", "hold loop", damage_reels(empty), "reel/bad"),
    Fault("reels full of garbage", "hold loop", damage_reels(fill_with_garbage), "reel/bad"),
    Fault("reels with garbage for sound", "hold loop", damage_reels(garbage_after_header), "reel/bad"),
    Fault("reels that hold no numbers (NaN)", "hold loop", damage_reels(fill_with(float("nan"))), "reel/bad"),
    Fault("reels deleted", "hold loop", damage_reels(Path.unlink), "reel/bad"),
    Fault("phrases full of garbage", "not heard", wreck_phrases),
    Fault("hold loop damaged, renderer killed", "not heard", wreck_hold, "renderer was ended"),
    Fault("journal full of garbage, renderer killed", "not heard", wreck_journal, "renderer was ended"),
    Fault(
        "renderer killed while a control moves",
        "the journal lacks less than a second",
        kill_while_shaped("renderer", "engine"),
        r"lacks the last 0\.\d\d s",
    ),
    Fault(
        "hub killed while a control moves",
        "the journal lacks less than a second",
        kill_while_shaped("hub", "room"),
        r"lacks the last 0\.\d\d s",
    ),
    Fault(
        "room hangs",
        "spare room",
        hold("room"),
        ("room does not answer", "spare room takes its place"),
        gap_s=1.0,
        click_db=None,
    ),
    Fault("hub flooded: 10,000 OSC messages a second for a minute", "not heard", flood),
    Fault(
        "hub and room killed",
        "spare room",
        kill("room", "hub"),
        # which of the two the kernel has done with first is chance: a room that has recorded for long takes longer
        frozenset({"room was ended by SIGKILL; the spare room takes its place", "hub started again"}),
        gap_s=1.0,
        lasts_s=2.0,
        click_db=None,
    ),
    Fault(
        "renderer stopped, room killed",
        "spare room, hold loop",
        all_of(stop("renderer"), kill("room")),
        ("spare room takes its place", "renderer does not answer"),
        gap_s=1.0,
        click_db=None,
    ),
    Fault(
        "a second installation on the same port",
        "refused",
        second_installation(same_port, other_runtime),
        "status 1, error: UDP port",
    ),
    Fault(
        "a second installation in the same folder",
        "refused",
        second_installation(other_port, same_runtime),
        "status 1, error: an installation",
    ),
    Fault(
        "room and spare room killed",
        "another Pd",
        kill("spare", "room"),
        "room started again",
        gap_s=5.0,
        click_db=None,
    ),
    Fault("silent reels for 20 s", "hold loop", _silence, "refuses reel after reel", lasts_s=20.0, undo=_silence_over),
    Fault("direct current for 20 s", "hold loop", _constant, "refuses reel", lasts_s=20.0, undo=_constant_over),
    Fault("roaring reels for 8 s", "hold loop", _noise, "reel/bad", lasts_s=8.0, undo=_noise_over),
    Fault(
        "silence out of Pd itself",
        "found out by ear, spare room",
        mute_room,
        ("nothing is heard", "spare room takes its place"),
        gap_s=14.0,
        lasts_s=13.0,
        click_db=None,
    ),
)

FAULTS: Final = (*_TO_PARTS, *IN_RENDERER, *IN_PD, *WITH_THEIR_OWN, *ELSEWHERE)
