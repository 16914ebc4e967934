"""Faults of installations that are prepared for them: their disks, their files, their clock, their Pd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.faults.acts import all_of, kill, stop
from tests.faults.fault import Fault
from tests.faults.own_acts import (
    DAY_S,
    copied,
    down_the_ladder,
    fake_pd,
    fill_disk,
    flag,
    free_disk,
    kill_supervisor,
    lock_folders,
    own_clock,
    own_mood,
    own_soundfont,
    own_texture,
    rate_back,
    remove_soundfont,
    sampler_that_writes,
    service,
    set_clock,
    short_phrases,
    small_disk,
    unmount,
    without_root,
    wreck_mood,
    wreck_texture,
    wreck_weights,
)
from tests.faults.stage import Stage


def _nursery(name: str, why: str, *acts: Callable[[Stage], None]) -> Fault:
    return Fault(
        name,
        "reels ahead cover it; both start by themselves",
        all_of(*acts),
        frozenset({rf"nursery forks no more \({why}\)", "renderer started again", "hub started again"}),
        prepare=copied,
        lasts_s=2.0,
    )


def _sampler(what: str, text: str) -> Fault:
    act = sampler_that_writes(text)
    return Fault(f"sampler that {what}", "phrases from elsewhere", act, "sampler was ended", prepare=copied)


WITH_THEIR_OWN: Final = (
    _nursery("nursery killed, then renderer and hub", "it has ended", kill("nursery"), kill("renderer", "hub")),
    _nursery(
        "nursery stopped, then renderer and hub killed", "it stands still", stop("nursery"), kill("renderer", "hub")
    ),
    Fault(
        "disk full for 6 s",
        "hold loop",
        fill_disk("runtime"),
        "cannot be written",
        lasts_s=6.0,
        undo=free_disk("runtime"),
        prepare=small_disk("runtime", 70),
        after=unmount("runtime"),
    ),
    Fault(
        "disk of journal and ring full for 20 s",
        "not heard",
        fill_disk("state"),
        frozenset({"the ring in .* cannot be written", "the journal in .* cannot be written"}),
        lasts_s=20.0,
        undo=free_disk("state"),
        prepare=small_disk("state", 300),
        after=unmount("state"),
    ),
    Fault(
        "runtime folder not writable for 6 s",
        "hold loop",
        lock_folders(0o555),
        "cannot be written",
        lasts_s=6.0,
        undo=lock_folders(0o755),
        prepare=without_root,
    ),
    Fault("clock set a day ahead", "not heard", set_clock(DAY_S), prepare=own_clock, together=True, lasts_s=5.0),
    Fault(
        "clock set two days back",
        "not heard through a sound card; a Pd without one waits for that time, and the spare room takes its place",
        set_clock(-DAY_S),
        "spare room takes its place",
        gap_s=1.0,
        lasts_s=5.0,
        prepare=own_clock,
        together=True,
        click_db=None,
    ),
    Fault(
        "SoundFont gone, renderer killed", "another one", remove_soundfont, "renderer was ended", prepare=own_soundfont
    ),
    Fault("mood damaged, renderer killed", "its values are kept", wreck_mood, "mine.yaml", prepare=own_mood),
    Fault("texture damaged while it plays", "not heard", wreck_texture, prepare=own_texture),
    Fault(
        "weights cut in half, sampler killed",
        "phrases from elsewhere",
        wreck_weights,
        ("sampler was ended", "weights.safetensors: damaged"),
        lasts_s=6.0,
        prepare=copied,
    ),
    Fault(
        "no network, then nothing it drew, then no renderer",
        "trained performer, remembered phrases, phrases made by rule, hold loop",
        down_the_ladder,
        (
            "phrase satie",
            "weights.safetensors: damaged",
            "phrase .*(drawn earlier|recall of)",
            "phrase rule",
            "the hold loop plays",
        ),
        prepare=short_phrases,
    ),
    Fault(
        "supervisor killed",
        "all ends; a service manager starts it anew",
        kill_supervisor,
        "the room sounds",
        gap_s=15.0,
        prepare=service,
        click_db=None,
    ),
    _sampler("writes NaN", '{"notes": [[NaN, 60, 1.0, 60]], "pedal": []}'),
    _sampler("writes nothing", ""),
    _sampler("writes garbage", "\x00\xff{["),
    Fault(
        "Pd crashes at every start for 4 s",
        "tried again without end",
        flag("crash", True),
        "crashed on purpose",
        gap_s=19.0,
        lasts_s=4.0,
        undo=flag("crash", False),
        prepare=fake_pd,
        click_db=None,
    ),
    Fault(
        "sound card at 44,100 Hz",
        "said",
        flag("rate", True),
        "44100 Hz",
        gap_s=5.0,
        lasts_s=6.0,
        undo=rate_back,
        prepare=fake_pd,
        click_db=None,
    ),
)
