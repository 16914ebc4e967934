"""`run`: the room plays."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.cli.run_options import Course, Listeners, Machine, Music, Network, Place, Sources
from engine.cli.terminal.grouped_options import grouped
from engine.cli.terminal.output_paths import ready
from engine.elsewhere.instruments.midi_ports import why_no_midi_out
from engine.elsewhere.streaming.target import read_target
from engine.elsewhere.zones.snapserver import check_snapserver
from engine.errors import AmeublementError, MoodError
from engine.files.audio.names import strangers_in
from engine.files.named_presets import is_path
from engine.files.runtime_folder import RuntimeFolder, default_path, slow_place
from engine.files.state_folder import STATE_VARIABLE, StateFolder, default_state_folder, user_folder
from engine.hub.access import PRIVATE, networks
from engine.hub.midi.listener import why_no_midi
from engine.hub.oscquery.own_addresses import page_address
from engine.hub.presence.settings import read_sensors, sensors_path
from engine.hub.schedule.plan import Plan, Wanted
from engine.hub.schedule.settings import day_path, read_day
from engine.hub.state import ControlState
from engine.journal.place import JournalPlace
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.room import RoomPreset
from engine.room.card_channels import check_card
from engine.room.chosen_room import chosen_room, keep_room
from engine.room.inserts import unusable_inserts
from engine.room.pd_process import find_pd, has_screen
from engine.room.recording import Recording
from engine.room.sound_cards import why_into_nothing
from engine.sound.voices.soundfonts import check_soundfont
from engine.supervision.alerts.settings import read_alerts
from engine.supervision.available_memory import memory_bytes
from engine.supervision.console import ConsoleHandler, Display
from engine.supervision.logs import logging_to_terminal
from engine.supervision.process import process_start_s
from engine.supervision.process_table import RunOptions
from engine.supervision.summary import write_summary
from engine.supervision.supervisor import Supervisor

FIRST_MOOD = "gymnopedie"
SMALL_BYTES = 1_500_000_000
"""Of memory, below which the small profile is chosen."""

log = logging.getLogger(__name__)


@grouped
def run(
    music: Music,
    sources: Sources,
    course: Course,
    place: Place,
    network: Network,
    listeners: Listeners,
    machine: Machine,
) -> None:
    """Play, without end, until Ctrl-C."""
    with logging_to_terminal(ConsoleHandler(display := Display())):
        kept = StateFolder((machine.state or default_state_folder(network.port)).resolve())
        os.environ[STATE_VARIABLE] = str(kept.path)
        day, preset = day_path(music.day).resolve() if music.day else None, chosen_room(place.room, kept.path)
        controls = _controls(music.mood, music.seed, preset, day)
        options = RunOptions(
            pd=find_pd(),
            mood=controls.mood,
            seed=controls.seed,
            day=day,
            minutes=course.minutes,
            room=preset,
            device=place.device,
            window=_wants_window(place.window),
            midi=_has_midi(place.midi),
            port=network.port,
            listen=network.listen,
            page=network.page,
            allowed=_allowed(network.listen or network.page, network.allow),
            **_checked_files(sources.soundfont, sources.textures, course.record, music.sensors, course.alerts),
            **_elsewhere(place.midi, listeners.stream, listeners.zones, listeners.snapcast_port, preset),
            journal=JournalPlace(kept.journal, round(1e6 * machine.journal_mb)),
            state=kept.path,
            ring_minutes=machine.ring_minutes,
            small=_is_small(machine.small),
        )
        _warn(options)
        folder = RuntimeFolder((machine.runtime or default_path()).resolve())
        figures = _play(options, controls, kept, folder, display, place.room)
        if course.summary:
            write_summary(ready(course.summary), figures)


def _play(
    options: RunOptions,
    controls: ControlState,
    kept: StateFolder,
    folder: RuntimeFolder,
    display: Display,
    room: str | None,
) -> dict[str, Any]:
    """The figures of a run whose folders are its own; `room` was asked for by name and is that of next time."""
    folder.claim()
    try:
        if options.recording:
            options.recording.begin()
        if why_not := kept.claim():
            log.warning("%s", why_not)
        elif room:
            keep_room(room, kept.path)
        controls.write(folder.state_file)
        said = (controls.mood, controls.seed, options.port, folder.logs)
        log.info("mood %s, seed %d, OSC on UDP port %d, logs in %s", *said)
        if slow := slow_place(folder.path):
            log.warning("%s", slow)
        _say_page(options)
        return Supervisor(options, folder, display, process_start_s()).run()
    finally:
        kept.release()
        folder.release()


def _checked_files(
    soundfont: Path | None, textures: Path | None, record: Path | None, sensors: str | None, alerts: Path | None
) -> dict[str, Any]:
    """The files that a run reads or writes, each of which is there or may be written."""
    return {
        "soundfont": _checked_soundfont(soundfont),
        "textures": _checked_textures(textures),
        "recording": _checked_recording(record),
        "sensors": _checked_sensors(sensors),
        "alerts": _checked_alerts(alerts),
    }


def _warn(options: RunOptions) -> None:
    _warn_of_card(options)
    warn_of_unplayed(options.textures or user_folder("textures"))


def _warn_of_card(options: RunOptions) -> None:
    """Raises AmeublementError where the card has too few outputs for the room."""
    check_card(options.room, options.device)
    if why := why_into_nothing(options.device):
        level = logging.WARNING if options.device else logging.INFO
        log.log(level, "%s%s", why, f", and {options.recording.path}" if options.recording else "")


def warn_of_unplayed(textures: Path) -> None:
    """Names each file of the folder of textures that will not be in the music, and what to do."""
    for path, why in strangers_in(textures):
        log.warning("%s: %s", path, why)


def _say_page(options: RunOptions) -> None:
    if options.listen or options.page:
        address = page_address(options.port, networks(options.allowed) or PRIVATE)
        log.info("page for phones: %s (`page` shows it as a QR code)", address)


def _controls(mood: str | None, seed: int | None, preset: RoomPreset | None, day: Path | None) -> ControlState:
    """The state to begin with: what was asked for, or what the day wants at this hour."""
    wanted = Plan(read_day(day, list_moods())).at(datetime.now(UTC)) if day else Wanted(None, is_open=True)
    chosen = secrets.randbelow(2**31) if seed is None else seed
    controls = _with_mood(mood or wanted.mood or FIRST_MOOD, chosen, preset)
    controls.room["/room/silent"] = int(not wanted.is_open)
    return controls


def _with_mood(mood: str, seed: int, preset: RoomPreset | None) -> ControlState:
    """A mood that was not asked for by name may be any that works."""
    if is_path(mood):
        mood = str(Path(mood).resolve())
    try:
        return ControlState.of_mood(mood, load_mood(mood), seed, preset)
    except MoodError:
        if mood != FIRST_MOOD or mood in list_moods():
            raise
    return ControlState.of_mood(list_moods()[0], load_mood(list_moods()[0]), seed, preset)


def _is_small(wanted: bool | None) -> bool:
    """What was asked for, or what the memory of this machine asks for."""
    there = memory_bytes()
    if wanted is None and there < SMALL_BYTES:
        log.info("%.1f GB of memory: playing in the small profile (--no-small for all of it)", there / 1e9)
    return there < SMALL_BYTES if wanted is None else wanted


def _allowed(open_to_others: bool, allow: list[str] | None) -> tuple[str, ...]:
    """What `--allow` names, checked."""
    if allow and not open_to_others:
        raise AmeublementError("--allow says who may come in over the network; that also needs --listen or --page")
    return tuple(str(network) for network in networks(allow or ()))


def _wants_window(window: bool | None) -> bool:
    if window and not has_screen():
        log.warning("no screen (DISPLAY is not set): playing without the control surface")
    return window is not False and has_screen()


def _has_midi(wanted: bool) -> bool:
    why_not = why_no_midi() if wanted else ""
    if why_not:
        log.info("no MIDI at this machine (%s); knobs and keys may be at a laptop with the surface", why_not)
    return wanted and not why_not


def _elsewhere(
    midi: bool, stream: str | None, zones: bool, snapcast_port: int, preset: RoomPreset | None
) -> dict[str, Any]:
    """What plays beside the loudspeakers, checked."""
    _say_unusable_inserts(preset)
    return {
        "plays_instruments": _plays_instruments(midi, preset),
        "stream": _checked_stream(stream),
        "zones": _checked_zones(zones, preset),
        "snapcast_port": snapcast_port,
    }


def _plays_instruments(wanted: bool, preset: RoomPreset | None) -> bool:
    """Whether notes leave for MIDI ports, or for patches of the room."""
    why_not = why_no_midi_out() if wanted else "--no-midi"
    if why_not and preset and preset.instruments:
        log.warning("the instruments of the room are not played (%s)", why_not)
    return not why_not or bool(preset and preset.inserts)


def _say_unusable_inserts(preset: RoomPreset | None) -> None:
    """The room plays without them."""
    for line in unusable_inserts(preset.inserts if preset else {}):
        log.warning("%s; the stem plays without it", line)


def _checked_zones(wanted: bool, preset: RoomPreset | None) -> bool:
    if wanted and not (preset and preset.zones):
        raise AmeublementError("--zones: the room has none; `zones:` in its file names them, and `--room` the file")
    if wanted:
        check_snapserver()
    return wanted


def _checked_stream(address: str | None) -> str:
    if not address:
        return ""
    read_target(address)
    if shutil.which("ffmpeg") is None:
        raise AmeublementError("--stream needs ffmpeg, which is not installed (Debian: apt install ffmpeg)")
    return address


def _checked_soundfont(path: Path | None) -> Path | None:
    if path:
        check_soundfont(path)
    return path.resolve() if path else None


def _checked_textures(folder: Path | None) -> Path | None:
    if folder and not folder.is_dir():
        raise AmeublementError(f"--textures {folder}: there is no such folder")
    return folder.resolve() if folder else None


def _checked_recording(path: Path | None) -> Recording | None:
    recording = Recording(path) if path else None
    if recording:
        recording.check()
    return recording


def _checked_sensors(name: str | None) -> Path | None:
    path = sensors_path(name).resolve() if name else None
    if path:
        read_sensors(str(path))
    return path


def _checked_alerts(path: Path | None) -> Path | None:
    if path:
        read_alerts(path)
    return path.resolve() if path else None
