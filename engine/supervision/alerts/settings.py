"""The file of alerts: who is told, when nobody is to be woken, how long a cause must last."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import AmeublementError
from engine.files.checked_yaml import read_document

Time = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day, 23:00."""


class AlertError(AmeublementError):
    """A file of alerts that cannot be used, or an alert that cannot be sent."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_default=True)


class Webhook(_Settings):
    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=500)


class Mail(_Settings):
    host: str = Field(min_length=1, max_length=200)
    port: int = Field(587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: Path | None = None
    """The password is not for a file that people show each other."""
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    to: list[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]] = Field(min_length=1, max_length=20)


class Mqtt(_Settings):
    host: str = Field(min_length=1, max_length=200)
    port: int = Field(1883, ge=1, le=65_535)
    topic: str = Field("ameublement/alerts", pattern=r"^[^#+\s]{1,200}$")
    tls: bool = False
    user: str = ""
    password_file: Path | None = None


class QuietHours(_Settings):
    """Alerts of these hours are told when they end, if they still last. Local time; `to` may be the next morning."""

    begin: Time
    end: Time


class AfterS(_Settings):
    """How many seconds something must last before anybody is told."""

    silence: float = Field(30.0, ge=1.0, le=86_400.0)
    hold: float = Field(60.0, ge=1.0, le=86_400.0)
    disk: float = Field(60.0, ge=1.0, le=86_400.0)
    card: float = Field(30.0, ge=1.0, le=86_400.0)
    unheard: float = Field(30.0, ge=5.0, le=86_400.0)


class Alerts(_Settings):
    """A file as `--alerts` takes it."""

    name: str = Field("Ameublement", min_length=1, max_length=60)
    webhooks: list[Webhook] = Field(default_factory=list, max_length=8)
    mail: Mail | None = None
    mqtt: Mqtt | None = None
    quiet: QuietHours | None = None
    after_s: AfterS = Field(default_factory=AfterS)
    restarts_per_hour: int = Field(5, ge=1, le=1000)

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not (self.webhooks or self.mail or self.mqtt):
            raise ValueError("nobody is told: give webhooks, mail or mqtt")
        return self


def read_alerts(path: Path) -> Alerts:
    """Raises AlertError with one line per thing that is wrong."""
    return read_document(path, Alerts, AlertError, "file of alerts").model
