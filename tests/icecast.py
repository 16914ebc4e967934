"""A real Icecast on this machine, and a real listener to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ports import free_port

PASSWORD = "hackme-not"  # noqa: S105  (of a server that lives for a minute)
needs_icecast = pytest.mark.skipif(
    shutil.which("icecast2") is None or shutil.which("ffmpeg") is None, reason="no icecast2 or no ffmpeg is installed"
)
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg is installed")
CONFIGURATION = """
<icecast>
  <limits><clients>20</clients><sources>4</sources><queue-size>524288</queue-size><source-timeout>10</source-timeout>
    <burst-on-connect>1</burst-on-connect><burst-size>65535</burst-size></limits>
  <authentication><source-password>{password}</source-password><admin-user>admin</admin-user>
    <admin-password>{password}</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></logging>
  <security><chroot>0</chroot>{owner}</security>
</icecast>
"""


@dataclass
class Icecast:
    """May be killed and started again on the same port."""

    folder: Path
    port: int = field(default_factory=lambda: free_port(1))
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.chmod(0o777)
        owner = "<changeowner><user>nobody</user><group>nogroup</group></changeowner>" if os.geteuid() == 0 else ""
        path = self.folder / "icecast.xml"
        text = CONFIGURATION.format(password=PASSWORD, port=self.port, folder=self.folder, owner=owner)
        path.write_text(text, "utf-8")
        output = (self.folder / "output.txt").open("ab")
        end_s = time.monotonic() + 30.0
        while time.monotonic() < end_s:
            if self.process is None or self.process.poll() is not None:  # its port may not be free again yet
                self.process = subprocess.Popen(["icecast2", "-c", str(path)], stdout=output, stderr=output)
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status-json.xsl", timeout=2):
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "output.txt").read_text("utf-8"))

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def address(self, mount: str) -> str:
        return f"icecast://source:{PASSWORD}@127.0.0.1:{self.port}{mount}"


@contextmanager
def icecast() -> Iterator[Icecast]:
    """In a folder that everybody may enter: as root it changes to another user."""
    with tempfile.TemporaryDirectory() as name:
        server = Icecast(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.kill()


class Listener:
    """Listens in a thread as a player would, with the titles between the sound (ICY); comes back when it is cut off."""

    def __init__(self, url: str, titles: bool = True) -> None:
        self._url, self._wants_titles = url, titles
        self.pieces: list[bytearray] = [bytearray()]
        """What was heard, one piece per connection."""
        self.titles: list[str] = []
        self.titles_s: list[float] = []
        """When each came, monotonic."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def heard_bytes(self) -> int:
        return sum(map(len, self.pieces))

    def close(self) -> None:
        self._over.set()
        self._thread.join(15)

    def _listen(self) -> None:
        while not self._over.wait(0.2):
            with suppress(OSError):
                self._connect()

    def _connect(self) -> None:
        headers = {"Icy-MetaData": "1"} if self._wants_titles else {}
        request = urllib.request.Request(self._url, headers=headers)  # noqa: S310  (the test's own address)
        with urllib.request.urlopen(request, timeout=5) as stream:  # noqa: S310
            every = int(stream.headers.get("icy-metaint") or 0)
            self.pieces.append(bytearray())
            while not self._over.is_set() and (data := stream.read(every or 2048)):
                self.pieces[-1] += data
                if every and (length := 16 * (stream.read(1) or b"\0")[0]):
                    self.titles.append(stream.read(length).rstrip(b"\0").decode("utf-8", "replace"))
                    self.titles_s.append(time.monotonic())


def decoded(data: bytes | bytearray, folder: Path) -> bytes:
    """Float samples of the left channel at 48 kHz, as ffmpeg decodes what a listener heard."""
    path = folder / "heard.bin"
    path.write_bytes(data)
    command = [
        "ffmpeg",
        "-loglevel",
        "error",
        "-i",
        str(path),
        "-af",
        "pan=mono|c0=c0",
        "-ar",
        "48000",
        "-f",
        "f32le",
        "-",
    ]
    return subprocess.run(command, capture_output=True, check=True).stdout
