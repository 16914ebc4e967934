"""What mono loses of every key of the grand, and where it stands: as recorded, and as it is played.

python -m scripts.instruments.measure_sides
"""

from __future__ import annotations

from typing import Final

import numpy as np
import soundfile

from engine.files.paths import INSTRUMENTS_FOLDER
from engine.parameters.instruments import recorded_instruments
from engine.sound.voices.note_sides import mono_loss_db, together
from engine.sound.voices.recordings import recordings

LAYER: Final = 2
"""The middle one of five."""
JUDGED_S: Final = 2.0


def main() -> None:
    piano = recorded_instruments()["piano"]
    print("| key | mono loses dB | now | left over right dB | now | correlation | now |")
    print("|" + "---|" * 7)
    for one in recordings(piano.recordings).notes:
        if one.layer != LAYER or piano.sides is None:
            continue
        path = INSTRUMENTS_FOLDER / piano.recordings / one.file
        sound, rate_hz = soundfile.read(path, one.frames, one.start_frame, dtype="float32")
        judged = slice(round(JUDGED_S * rate_hz))
        pair = [sound.T[:, judged], together(sound.T, rate_hz, one.pitch, piano.sides)[:, judged]]
        losses = " | ".join(f"{mono_loss_db(sides):.1f}" for sides in pair)
        places = " | ".join(f"{10 * np.log10((sides[0] ** 2).mean() / (sides[1] ** 2).mean()):.1f}" for sides in pair)
        alike = " | ".join(f"{np.asarray(np.corrcoef(sides))[0, 1]:.2f}" for sides in pair)
        print(f"| {one.pitch} | {losses} | {places} | {alike} |")


if __name__ == "__main__":
    main()
