"""Starts a command, and starts it anew two seconds after it failed, as systemd does for `install-service`."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

RESTART_S = 2.0


def main() -> int:
    asked: list[int] = []
    while True:
        child = subprocess.Popen(sys.argv[1:])

        def pass_on(number: int, _: object, child: subprocess.Popen[bytes] = child) -> None:
            asked.append(number)
            child.send_signal(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        status = child.wait()
        if asked or status == 0:
            return status
        time.sleep(RESTART_S)


if __name__ == "__main__":
    sys.exit(main())
