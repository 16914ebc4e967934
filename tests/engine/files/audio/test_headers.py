"""Headers judged: which are left as they are, and which are not. What is then read is in `test_audio_file.py`."""

from io import BytesIO

from engine.files.audio.headers import au_patches, caf_patches, riff_end
from tests.engine.files.audio.test_audio_file import CLAIMS, LOW, WAV, encoded


def test_a_true_header_is_left_alone() -> None:
    assert riff_end(BytesIO(WAV), 0, len(WAV)) == (len(WAV), {})
    for kind, patches in (("AU", au_patches), ("CAF", caf_patches)):
        data = encoded(LOW, kind)
        assert patches(BytesIO(data), len(data)) == {}


def test_a_header_of_0_bytes_gets_those_of_the_file() -> None:
    data = CLAIMS["WAV of 0 bytes"]
    end, patches = riff_end(BytesIO(data), 0, len(data))
    assert end == len(data)
    assert patches[data.index(b"data") + 4] == (2 * len(LOW)).to_bytes(4, "little")
