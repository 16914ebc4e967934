"""The faults: what is done to the installation, what is expected of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.faults.acts import (
    cut_in_half,
    damage_reels,
    every_reel,
    fill_with,
    fill_with_garbage,
    flood,
    garbage_after_header,
    kill,
    noise,
    other_port,
    other_runtime,
    remove_runtime,
    same_port,
    same_runtime,
    second_installation,
    stop,
    wreck_hold,
    wreck_phrases,
)
from tests.faults.own_acts import (
    copied,
    fake_pd,
    fill_disk,
    flag,
    free_disk,
    lock_folders,
    own_mood,
    own_soundfont,
    own_texture,
    rate_back,
    remove_soundfont,
    sampler_that_writes,
    small_disk,
    unmount,
    without_root,
    wreck_mood,
    wreck_texture,
    wreck_weights,
)
from tests.faults.stage import Fault

_silence, _silence_over = every_reel(fill_with(0.0))
_constant, _constant_over = every_reel(fill_with(0.4))
_noise, _noise_over = every_reel(noise)

FAULTS: Final = (
    # one installation for all of these
    Fault("sampler killed", "not heard", kill("sampler"), "sampler was ended by SIGKILL", short=True),
    Fault("renderer killed", "reels ahead cover it", kill("renderer"), "renderer was ended by SIGKILL", short=True),
    Fault("supervisor killed", "not heard; another takes over", kill("supervisor"), "new supervisor", short=True),
    Fault("spare room killed", "not heard", kill("spare"), "spare room: ended"),
    Fault("reels cut in half", "hold loop", damage_reels(cut_in_half), "reel/bad", short=True),
    Fault("runtime folder removed", "hold loop", remove_runtime, "was removed and is made anew", short=True),
    Fault(
        "room killed", "spare room", kill("room"), "spare room takes its place", gap_s=1.0, click_db=None, short=True
    ),
    Fault("sampler stopped", "not heard; replaced", stop("sampler"), "sampler does not answer"),
    Fault("renderer stopped for 5 s", "replaced", stop("renderer"), "renderer does not answer", lasts_s=5.0),
    Fault("supervisor stopped", "not heard; replaced", stop("supervisor"), "new supervisor"),
    Fault("room stopped", "spare room", stop("room"), "room does not answer", gap_s=1.0, click_db=None),
    Fault(
        "room and spare room killed",
        "another Pd",
        kill("spare", "room"),
        "room started again",
        gap_s=5.0,
        click_db=None,
    ),
    Fault("reels full of garbage", "hold loop", damage_reels(fill_with_garbage), "reel/bad"),
    Fault("reels with garbage for sound", "hold loop", damage_reels(garbage_after_header), "reel/bad"),
    Fault("reels that hold no numbers (NaN)", "hold loop", damage_reels(fill_with(float("nan"))), "reel/bad"),
    Fault("reels deleted", "hold loop", damage_reels(Path.unlink), "reel/bad"),
    Fault("phrases full of garbage", "not heard", wreck_phrases),
    Fault("hold loop damaged, renderer killed", "not heard", wreck_hold, "renderer was ended"),
    Fault("10,000 OSC messages a second for a minute", "not heard", flood),
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
        "silent reels for 20 s",
        "found out by ear",
        _silence,
        "nothing is heard",
        gap_s=24.0,
        lasts_s=20.0,
        undo=_silence_over,
        click_db=None,
    ),
    Fault(
        "direct current for 20 s",
        "filtered, found out",
        _constant,
        "nothing is heard",
        gap_s=24.0,
        lasts_s=20.0,
        undo=_constant_over,
        click_db=None,
    ),
    Fault(
        "roaring reels for 8 s",
        "limited, found out",
        _noise,
        "far too loud",
        lasts_s=8.0,
        undo=_noise_over,
        click_db=None,
    ),
    # each with an installation of its own
    Fault(
        "disk full for 6 s",
        "hold loop",
        fill_disk,
        "cannot be written",
        lasts_s=6.0,
        undo=free_disk,
        prepare=small_disk,
        after=unmount,
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
    Fault(
        "SoundFont gone, renderer killed", "another one", remove_soundfont, "renderer was ended", prepare=own_soundfont
    ),
    Fault("mood damaged, renderer killed", "its values are kept", wreck_mood, "mine.yaml", prepare=own_mood),
    Fault("texture damaged while it plays", "not heard", wreck_texture, prepare=own_texture),
    Fault("weights cut in half, sampler killed", "phrases from elsewhere", wreck_weights, "weights", prepare=copied),
    Fault(
        "sampler that writes NaN",
        "phrases from elsewhere",
        sampler_that_writes('{"notes": [[NaN, 60, 1.0, 60]], "pedal": []}'),
        "sampler was ended",
        prepare=copied,
    ),
    Fault(
        "sampler that writes nothing",
        "phrases from elsewhere",
        sampler_that_writes(""),
        "sampler was ended",
        prepare=copied,
    ),
    Fault(
        "sampler that writes garbage",
        "phrases from elsewhere",
        sampler_that_writes("\x00\xff{["),
        "sampler was ended",
        prepare=copied,
    ),
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
