"""`room`: the rooms there are, what is wrong with a file, where loudspeakers stand, and a walk from one to the next."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.terminal.printing import plain_console
from engine.errors import RoomError
from engine.files.state_folder import DEFAULT_PORT, default_state_folder
from engine.parameters.loudspeakers import Loudspeaker, Loudspeakers
from engine.parameters.room import RoomPreset
from engine.room.card_channels import check_card
from engine.room.chosen_room import kept_room
from engine.room.inserts import unusable_inserts
from engine.room.presets import list_rooms, load_room
from engine.room.sound_cards import alsa_device, playing_cards, why_into_nothing
from engine.room.walk import walk

room = typer.Typer(no_args_is_help=True, help="Rooms: loudspeakers, where they stand, and whether they sound.")

Name = Annotated[str, typer.Argument(help="A name from `room list`, or a .yaml file.")]


@room.command("list")
def list_them() -> None:
    """The rooms in presets/rooms."""
    table = Table(box=None, pad_edge=False)
    for heading in ("room", "loudspeakers", "is"):
        table.add_column(heading)
    for name in list_rooms():
        try:
            preset = load_room(name)
        except RoomError as error:
            table.add_row(name, "-", f"cannot be used: {error}")
            continue
        count = len(preset.loudspeakers.speakers) if preset.loudspeakers else 2
        table.add_row(name, str(count), preset.about or preset.title)
    plain_console().print(table)


@room.command()
def check(name: Name) -> None:
    """Say what is wrong with a room's file, or that nothing is; exit status 1 if something is."""
    preset = load_room(name)
    if problems := unusable_inserts(preset.inserts):
        raise RoomError("\n".join(problems))
    count = len(preset.loudspeakers.speakers) if preset.loudspeakers else 2
    plain_console().print(f"{name}: good, {count} loudspeaker{'s' if count != 1 else ''}")


@room.command()
def show(name: Name) -> None:
    """Where each loudspeaker stands, and what is done to its sound."""
    loudspeakers = _loudspeakers(load_room(name))
    table = Table(box=None, pad_edge=False)
    for heading in ("channel", "name", "degrees", "metres", "trim", "delay", "filters"):
        table.add_column(heading, justify="left" if heading in ("name", "filters") else "right")
    for one in sorted(loudspeakers.speakers, key=lambda one: one.channel):
        table.add_row(str(one.channel), one.name, *_place(one), *_treatment(one, loudspeakers))
    console = plain_console()
    console.print(table)
    console.print(f"{loudspeakers.panning}, nothing above {loudspeakers.ceiling_db:g} dBFS")


@room.command("test")
def walk_through(
    name: Annotated[
        str | None, typer.Option("--room", help="A name or file. [default: the room that is remembered, or stereo]")
    ] = None,
    level_db: Annotated[float, typer.Option(min=-60.0, max=-6.0, help="RMS of beeps and noise, in dBFS.")] = -24.0,
    device: Annotated[str | None, typer.Option(help="Sound card, as `check` lists them.")] = None,
    port: Annotated[int, typer.Option(min=1024, max=65531, help="The port that `run` is given.")] = DEFAULT_PORT,
) -> None:
    """Walk from loudspeaker to loudspeaker: as many beeps as its channel's number, then pink noise."""
    name = name or kept_room(default_state_folder(port)) or "stereo"
    preset = load_room(name)
    if preset.loudspeakers is None:
        preset = load_room("stereo")
    check_card(preset, device)
    console = plain_console()
    if why := why_into_nothing(device):
        console.print(why)
    console.print(f"{preset.title}: beeps and pink noise at {level_db:g} dBFS (RMS, before trim and equaliser)")
    playing_to = alsa_device(device, playing_cards())
    audio = not why
    with tempfile.TemporaryDirectory() as folder:
        for one in walk(preset, Path(folder), level_db, audio=audio, device=playing_to or device):
            console.print(f"channel {one.channel}: {one.name}")


def _loudspeakers(preset: RoomPreset) -> Loudspeakers:
    found = preset.loudspeakers or load_room("stereo").loudspeakers
    if found is None:
        raise RoomError("presets/rooms/stereo.yaml lists no loudspeakers; restore it")
    return found


def _place(one: Loudspeaker) -> tuple[str, str]:
    if one.is_lfe and one.azimuth_deg is None and one.x_m is None:
        return "-", "-"
    x_m, y_m = one.place_m
    known = one.x_m is not None or one.distance_m is not None
    return f"{one.direction_deg:.0f}", f"{(x_m**2 + y_m**2) ** 0.5:.1f}" if known else "-"


def _treatment(one: Loudspeaker, room: Loudspeakers) -> tuple[str, str, str]:
    filters = [f"low cut {one.low_cut_hz:g} Hz"] if one.low_cut_hz else []
    filters += [f"up to {one.low_pass_hz:g} Hz"] if one.low_pass_hz else []
    filters += [f"{band.gain_db:+g} dB at {band.hz:g} Hz" for band in one.eq]
    return f"{one.trim_db:+g} dB", f"{room.delay_ms(one):.1f} ms", ", ".join(filters) or "-"
