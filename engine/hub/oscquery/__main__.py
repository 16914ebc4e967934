"""The web process: `python -m engine.hub.oscquery --port N`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from engine.hub.access import PRIVATE, networks
from engine.hub.oscquery.front_door import WebOptions, await_first


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the namespace to programs, and a page to people.")
    parser.add_argument("--port", type=int, required=True, help="the hub's UDP port, and the TCP port of this")
    parser.add_argument("--supervisor-port", type=int, default=0, help="the supervisor's UDP port, where there is one")
    parser.add_argument("--listen", action="store_true", help="other machines may look")
    parser.add_argument("--announce", action="store_true", help="tell the network by DNS-SD")
    parser.add_argument("--allow", action="append", help="an address or network that may connect; repeat")
    parser.add_argument("--state", type=Path, help="folder with the PINs")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    allowed = networks(given.allow) if given.allow else PRIVATE
    options = WebOptions(given.port, given.supervisor_port, given.listen, given.announce, allowed, given.state)
    opened = await_first(options)
    from engine.hub.oscquery.web_process import WebProcess  # what it needs is loaded when somebody looks

    WebProcess(options, opened).run()


if __name__ == "__main__":
    main()
