"""PINs for roles, kept as hashes in the state folder; and tokens, which a browser holds once it has said its PIN.

Hashes are scrypt's (RFC 7914). A token is a role and an end signed with the installation's own secret (HMAC, RFC 2104)
and with the hash of the PIN, so that a new PIN ends what the old one let in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from engine.errors import AmeublementError
from engine.files.atomic import replace_durably
from engine.hub.oscquery.roles import WITH_PIN, Role

FILE_NAME: Final = "pins.json"
TOKEN_S: Final = 30 * 24 * 3600
LONGEST_PIN: Final = 128
SHORTEST_PIN: Final = 6
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another."""


def new_pin(role: Role) -> str:
    """Six digits to play, which a host can remember; ten letters and digits for everything."""
    if role == Role.PLAY:
        return "".join(secrets.choice("0123456789") for _ in range(6))
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


class Pins:
    """The file in folder `state`, read anew when it has changed; without it there are no PINs."""

    def __init__(self, state: Path | None) -> None:
        self._path = state / FILE_NAME if state else None
        self._stamp: tuple[int, int] | None = None
        self._kept: dict[str, Any] = {}

    def set(self, role: Role, pin: str | None) -> None:
        """Give a role a PIN, or None for none. Raises AmeublementError."""
        if self._path is None or role not in WITH_PIN:
            raise AmeublementError(f"the role {role.word} takes no PIN; play and service do")
        if pin is not None and not SHORTEST_PIN <= len(pin) <= LONGEST_PIN:
            raise AmeublementError(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} characters, but this has {len(pin)}")
        kept = {"secret": secrets.token_hex(32), **self._read()}
        kept.pop(role.word, None)
        if pin is not None:
            salt = secrets.token_hex(16)
            kept[role.word] = {"salt": salt, "hash": _hash(pin, salt)}
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_durably(self._path, json.dumps(kept, indent=1).encode())
            os.chmod(self._path, 0o600)
        except OSError as error:
            raise AmeublementError(f"{self._path} cannot be written: {error.strerror}") from None

    def role_of(self, pin: str) -> Role | None:
        """The highest role that this is the PIN of. Takes 50 ms for each role, on purpose."""
        if len(pin) > LONGEST_PIN:
            return None
        kept = self._read()
        for role in reversed(WITH_PIN):
            if (known := kept.get(role.word)) and hmac.compare_digest(_hash(pin, known["salt"]), known["hash"]):
                return role
        return None

    def token(self, role: Role) -> str:
        """What a browser may show in place of the PIN for `TOKEN_S`."""
        text = f"{role.word}.{int(time.time()) + TOKEN_S}"
        return f"{text}.{self._signed(text, role)}"

    def role_of_token(self, token: str) -> Role | None:
        """The role of a token that is genuine, not too old, and of a PIN that still is one."""
        with suppress(ValueError, KeyError):
            word, end, signature = token.split(".")
            role = Role[word.upper()]
            genuine = self._signed(f"{word}.{end}", role)
            if genuine and hmac.compare_digest(signature.encode(), genuine.encode()) and time.time() < int(end):
                return role
        return None

    def _signed(self, text: str, role: Role) -> str:
        kept = self._read()
        if role.word not in kept:
            return ""
        key = bytes.fromhex(kept["secret"]) + kept[role.word]["hash"].encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _read(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            status = self._path.stat()
            if (stamp := (status.st_mtime_ns, status.st_ino)) != self._stamp:
                self._kept = _checked(json.loads(self._path.read_text("utf-8")))
                self._stamp = stamp
        except (OSError, ValueError, TypeError, KeyError):
            self._stamp, self._kept = None, {}
        return self._kept


def _checked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What can be used. Raises ValueError, TypeError or KeyError."""
    bytes.fromhex(kept["secret"])
    found: dict[str, Any] = {"secret": kept["secret"]}
    for role in WITH_PIN:
        if role.word in kept:
            found[role.word] = {key: str(kept[role.word][key]) for key in ("salt", "hash")}
    return found


def _hash(pin: str, salt: str) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()
