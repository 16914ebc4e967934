"""The one exception tree: every error a user can cause says what was wrong, where, and what to do."""


class AmeublementError(Exception):
    """A problem the user can understand and act on; printed without a traceback."""


class MoodError(AmeublementError):
    """A mood file that cannot be used."""


class MidiError(AmeublementError):
    """A MIDI file that cannot be read as a performance."""


class WeightsError(AmeublementError):
    """Network weights that are missing, truncated, or do not fit the network."""


class SoundFontError(AmeublementError):
    """A SoundFont that is missing or cannot be played."""


class InstrumentError(AmeublementError):
    """A recorded instrument whose file or recordings cannot be used."""


class TextureError(AmeublementError):
    """An audio file that cannot serve as a texture."""


class ReelError(AmeublementError):
    """A reel or hold loop that cannot be written or is not what the room expects."""


class SilentReelError(ReelError):
    """A reel without sound, though notes began with the reel before, which is as silent."""


class CurrentReelError(ReelError):
    """A reel with a direct current, which may have begun with the end of the reel before."""


class ControlError(AmeublementError):
    """An OSC message that is not in the table, or whose arguments do not fit it."""


class RoomError(AmeublementError):
    """Pure Data could not be started or does not answer."""


class JournalError(AmeublementError):
    """Something that the journal does not hold, or that cannot be played again from it."""


class RecordError(AmeublementError):
    """A record that cannot be rendered, or a folder that holds none."""


class DayError(AmeublementError):
    """A day's file that cannot be used."""


class PresenceError(AmeublementError):
    """A file of sensors that cannot be used."""


class StemError(AmeublementError):
    """A list of stems that cannot be used."""


class EffectError(AmeublementError):
    """An effect whose file cannot be used."""
