"""What the engine logs, for tests."""

from __future__ import annotations

import logging


class Logged(logging.Handler):
    """Collects what is logged below a logger, from `level` on, until it is closed."""

    def __init__(self, logger: str = "engine", level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._logger = logging.getLogger(logger)
        self._level_before = self._logger.level
        self._logger.setLevel(min(level, self._logger.level or level))
        self._logger.addHandler(self)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def texts(self) -> list[str]:
        return [record.getMessage() for record in self.records]

    @property
    def troubles(self) -> list[tuple[str, str]]:
        """Address and text of every warning."""
        return [
            (str(getattr(one, "where", "")), one.getMessage()) for one in self.records if one.levelname == "WARNING"
        ]

    def close(self) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level_before)
        super().close()
