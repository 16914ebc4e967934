"""The room that sounds, and the spare one beside it that takes its place when it dies.

A spare room is a Pd that has opened its patch and computes nothing. When the room that sounds is gone, it needs one
message and a tenth of a second, where a new Pd would need a second or two. Here too: which sound card there is now,
and what the room records.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from engine.osc.messages import Order
from engine.room.recording import Recording
from engine.supervision.logs import trouble
from engine.supervision.orders import Orders
from engine.supervision.process import Process
from engine.supervision.process_table import ProcessTable
from engine.supervision.stall_detector import StallDetector

SPARE_AFTER_S: Final = 4.0
"""The spare room is opened when the music has begun: the start has enough to do."""
STILL_S: Final = 0.45
"""A room that sounds speaks every third of a second at least. Silent for longer, it stands still, and its sound too;
the spare one needs a tenth of a second."""
QUIET_S: Final = 0.12
"""It speaks eleven times a second while its level moves. One that has just spoken is not asked for more."""
BUSY_AT_FIRST_S: Final = 3.0
"""A new room may be silent for longer: it loads the hold loop and opens its recording."""
SPARE_SPEAKS_S: Final = 2.0
"""A spare room speaks once a second, and so proves that this machine lets a Pd work."""
LATENESS: Final = 3.0
"""The room may be later than the watcher by this factor."""
TRIES_WITH_SOUND: Final = 2
TRUST_AGAIN_S: Final = 60.0
LONGEST_DISTRUST_S: Final = 900.0
"""A sound card that did not work is tried again after a minute, later after a quarter of an hour."""
CARD_SETTLES_S: Final = 3.0
"""A card that has just come may not take a stream yet."""

log = logging.getLogger(__name__)


class RoomFailover:
    """Watches the process `room`, and the spare one beside it, which it makes itself."""

    def __init__(self, table: ProcessTable, orders: Orders, room: Process, recording: Recording | None):
        self._table, self._orders, self.room, self._recording = table, orders, room, recording
        self.spare = table.spare_room()
        self.output = table.choose_output()
        self._recorded_start = self._heard_start = self._zones_start = 0
        self._record_ended = False
        self._said_too_few = ""
        self._had_card = self.output.audio
        self._other_output_s: float | None = None
        self._distrusts = 0
        self._trust_again_s: float | None = None
        self._stall_detector = StallDetector()
        self._asked_to_end = False

    # --------------------------------------------------------------- spare

    def watch(self, now_s: float) -> None:
        """Keep a spare room ready; change over to another output when the card came, went, or has another number."""
        if self.spare.hangs(now_s):
            self.spare.kill()
            self.spare.wait(0.2)
        if self.spare.ended(now_s):
            log.info("spare room: ended and is opened again", extra={"event": "note", "part": "spare"})
        if self._table.has_spare_room and self.room.lamp == 1.0 and now_s - self.room.started_s > SPARE_AFTER_S:
            self.spare.start_if_due(now_s)
        self._follow_card(now_s)

    def stands_still(self, now_s: float, late_s: float) -> bool:
        """Whether the room says nothing while a spare one, ready to take its place, does.

        One that the kernel sees standing still is given no time. For the others `late_s` is how late the watcher itself
        was of late (see `engine.supervision.loop_lag`): no room is blamed for that.
        """
        room, spare_s = self.room, self.spare.heard_s
        seen_standing = self._stall_detector.look(room.pid, now_s)
        if room.heard_s is None or now_s - room.started_s < BUSY_AT_FIRST_S:
            return False
        if self.spare.pid is None or spare_s is None or now_s - spare_s > SPARE_SPEAKS_S:
            return False
        return now_s - room.heard_s > (QUIET_S if seen_standing else STILL_S + LATENESS * late_s)

    def died(self, now_s: float) -> None:
        """The room is dead. Where a patch of one's own may have ended it, later rooms do without such patches."""
        asked, self._asked_to_end = self._asked_to_end, False
        if not asked and self._table.inserts.room_ended(now_s - self.room.started_s, now_s):
            trouble(log, "room", "ended with patches in the way of stems; it goes on without them until the next `run`")
            self.spare.kill()  # it has opened them, too, and is not to take over
            self.spare.wait(0.2)
            self.spare.heard_s = None

    def computed(self, count: float, now_s: float) -> None:
        """What `/room/output` counts: a room that is too slow does without patches of one's own."""
        if self._table.inserts.is_slow(count, now_s):
            trouble(log, "room", "too slow with patches in the way of stems; they are left out (`/room/inserts`)")
            self._orders.to_room(Order.INSERTS_OFF)

    def take_over(self, now_s: float) -> bool:
        """The room is dead: whether the spare one, if it is ready, now is the room."""
        if self.spare.heard_s is None or self.spare.pid is None or self.spare.hangs(now_s):
            return False
        child = self.spare.leave()
        if child is None:
            return False
        room, spare = self.room, self.spare
        written, begins = spare.log, spare.log_begins
        spare.log, spare.log_begins, spare.heard_s = room.log, 0, None
        spare.start_not_before(now_s + SPARE_AFTER_S)
        room.adopt(child, now_s, written, begins)
        room.starts += 1
        room.heard_s = None
        self._orders.to_spare_room(Order.ROOM_START, *self._table.start_of_spare())
        return True

    # ---------------------------------------------------------- sound card

    def no_sound_from_card(self, now_s: float) -> bool:
        """The room hangs: whether that is the sound card's fault, which is then not used for a while."""
        never_heard = self.room.heard_s is None and self.room.starts >= TRIES_WITH_SOUND
        if not (self.output.audio and never_heard):
            return False
        self._table.trusts_card = False
        self.output = self._table.choose_output()
        pause_s = min(LONGEST_DISTRUST_S, TRUST_AGAIN_S * 2.0 ** min(self._distrusts, 10))
        self._distrusts += 1
        self._trust_again_s = now_s + pause_s
        trouble(
            log,
            "room",
            f"the sound card does not work; playing on without one, next try in {pause_s:.0f} s "
            "(`check` lists devices)",
        )
        return True

    @property
    def card_trouble(self) -> str:
        """Why nothing leaves this machine that should; empty where it does, or where nobody asked for a card."""
        if self.output.audio:
            return ""
        if self._table.too_few:
            return self._table.too_few
        wanted = self._table.wanted_device
        if wanted is None and not self._had_card:
            return ""
        return f"the sound card{f' {wanted}' if wanted else ''} is not there, or does not work"

    def _follow_card(self, now_s: float) -> None:
        if self._trust_again_s is not None and now_s >= self._trust_again_s:
            self._trust_again_s = None
            self._table.trusts_card = True
        chosen = self._table.choose_output()
        if (why := self._table.too_few) != self._said_too_few:
            self._said_too_few = why
            if why:
                trouble(log, "room", f"does without the sound card: {why}")
        if chosen == self.output:
            self._other_output_s = None
            return
        if self._other_output_s is None:
            self._other_output_s = now_s
        if now_s - self._other_output_s < CARD_SETTLES_S:
            return
        self._other_output_s = None
        self.output = chosen
        if chosen.audio:
            self._had_card = True
            name = chosen.device or "default"
            log.info("room: the sound card is there (%s); the room changes over to it", name, extra={"part": "room"})
        else:
            trouble(log, "room", "the sound card is gone; playing on without it until it returns")
        self._asked_to_end = True
        self.spare.kill()  # both were started for another output
        self.room.kill()

    # -------------------------------------------------------------- greets

    def greet(self, now_s: float, *, ending: bool) -> None:
        """The room (re)started, and records on; the hub gives it its faders back."""
        if refusals := [line for line in self.room.last_words(20) if "output error" in line]:
            trouble(log, "room", f"plays into nothing, for the sound card says: {refusals[0]} (`check` lists devices)")
        if self._heard_start != self.room.starts and (form := self._table.heard_format(self.room.starts)):
            self._heard_start = self.room.starts
            self._orders.to_room(Order.HEARD_START, form)
        if self._zones_start != self.room.starts and (form := self._table.zones_format(self.room.starts)):
            self._zones_start = self.room.starts
            self._orders.to_room(Order.ZONES_START, form)
        if self._recording and not self._record_ended and self._recorded_start != self.room.starts and not ending:
            self._recorded_start = self.room.starts  # it says hello until it is answered
            self._orders.to_room(Order.RECORD_START, str(self._recording.next_part(now_s)))

    def end_recording_if_full(self) -> Path | None:
        """The recording, when it has just ended for its length."""
        if self._recording and not self._record_ended and self._recording.full:
            self._record_ended = True
            self._orders.to_room(Order.RECORD_STOP)
            return self._recording.path
        return None
