"""The options of `run`, by topic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.terminal.output_paths import file_to_write
from engine.cli.terminal.seeds import HIGHEST_SEED
from engine.elsewhere.zones.snapserver import STREAM_PORT
from engine.files.state_folder import DEFAULT_PORT
from engine.journal.place import DEFAULT_MB

RING_MINUTES = 30.0


@dataclass(frozen=True)
class Music:
    """What plays."""

    mood: Annotated[
        str | None, typer.Option(help="Mood to begin with: a name from `moods`, or a .yaml file. [default: gymnopedie]")
    ] = None
    day: Annotated[
        str | None, typer.Option(help="Hours and moods to follow: a name in presets/days, or a .yaml file.")
    ] = None
    sensors: Annotated[
        str | None, typer.Option(help="Sensors and what they do: a name in presets/sensors, or a .yaml file.")
    ] = None
    seed: Annotated[int | None, typer.Option(min=0, max=HIGHEST_SEED, help="Same seed, same music. [default: new]")] = (
        None
    )


@dataclass(frozen=True)
class Sources:
    """What it is played with."""

    soundfont: Annotated[Path | None, typer.Option(help="Another .sf2 or .sf3 file for the voices.")] = None
    textures: Annotated[
        Path | None, typer.Option(help="Folder with texture recordings. [default: in the state folder]")
    ] = None


@dataclass(frozen=True)
class Course:
    """How long it plays, and what is left of it and told."""

    minutes: Annotated[float | None, typer.Option(min=0.01, help="Stop after this long. [default: never]")] = None
    record: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="Keep what the room hears in this .wav file.")
    ] = None
    summary: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="Write the figures of the run to this .json file.")
    ] = None
    alerts: Annotated[
        Path | None, typer.Option("--alerts", help="File that says whom to tell when something lasts.")
    ] = None


@dataclass(frozen=True)
class Place:
    """Where it is heard, and shaped by whoever is there."""

    room: Annotated[
        str | None, typer.Option(help="Room: a name from `room list`, or a .yaml file. [default: that of last time]")
    ] = None
    device: Annotated[str | None, typer.Option(help="Sound card, as `check` lists them.")] = None
    window: Annotated[bool | None, typer.Option(help="Open the control surface. [default: with a screen]")] = None
    midi: Annotated[bool, typer.Option(help="Listen to MIDI knobs and keys of this machine.")] = True


@dataclass(frozen=True)
class Network:
    """Who may speak to it from elsewhere."""

    port: Annotated[
        int, typer.Option(min=1024, max=65531, help="First of five: of UDP for OSC, and of TCP for status.")
    ] = DEFAULT_PORT
    listen: Annotated[bool, typer.Option("--listen", help="Take OSC from other machines of this network too.")] = False
    page: Annotated[
        bool, typer.Option("--page", help="Let other machines of this network open the page; without a PIN they look.")
    ] = False
    allow: Annotated[
        list[str] | None,
        typer.Option(help="With --listen: only from this address or network, 192.168.1.0/24; repeat."),
    ] = None


@dataclass(frozen=True)
class Listeners:
    """Who hears it elsewhere."""

    stream: Annotated[
        str | None,
        typer.Option(help="Send the room to icecast://source:PASSWORD@HOST/NAME.mp3, or serve http://:8010/NAME.opus."),
    ] = None
    zones: Annotated[bool, typer.Option("--zones", help="Play the zones of the room through Snapcast.")] = False
    snapcast_port: Annotated[int, typer.Option(min=1024, max=65534, help="TCP port for Snapcast's clients.")] = (
        STREAM_PORT
    )


@dataclass(frozen=True)
class Machine:
    """What it takes of this machine."""

    runtime: Annotated[Path | None, typer.Option(help="Folder for what passes between the processes.")] = None
    state: Annotated[
        Path | None, typer.Option(help="Folder for the journal. [default: ~/.local/state/ameublement]")
    ] = None
    ring_minutes: Annotated[
        float, typer.Option(min=0.0, max=600.0, help="How much of what the room heard is at hand for `keep`; 0: none.")
    ] = RING_MINUTES
    journal_mb: Annotated[float, typer.Option(min=1.0, help="The most that the journal may take.")] = DEFAULT_MB
    small: Annotated[
        bool | None,
        typer.Option(
            help="Take little memory: no spare room, nothing at hand for `keep`, textures neither drawn nor fitted. "
            "[default: where there are less than 1.5 GB]"
        ),
    ] = None
