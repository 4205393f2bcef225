"""Listens to all that leaves the steps while calls fail and processes die, and looks for secrets in it.

What is heard: the log of this process, what each step returns (which is in an execution's history), every event, and
every error with its text, its document and its traceback. What is kept is looked at, too: documents and the journal.
"""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.runtime.log import logger
from emulator.adobe.settings import DEFAULT_CLIENT_SECRET
from tests.faults.harness import Installation
from tests.faults.test_activation import SERVER

SECRETS = {
    DEFAULT_CLIENT_SECRET: "Adobe's client secret",
    "Aa" * 20: "the destination's secret key",
    "Zz" * 20: "the destination's next secret key",
    SERVER["password"]: "a server's password",
}


class Leaks:
    """What was said since the last question, and who was told to be quiet about what."""

    def __init__(self) -> None:
        self._said = io.StringIO()
        self.tokens: set[str] = set()
        """Access tokens that were sent to Adobe."""

    def hear(self, said: object) -> None:
        """Something left a step."""
        self._said.write(f"{said!r}\n{said}\n")
        if isinstance(said, BaseModel):
            self._said.write(said.model_dump_json())
        if isinstance(said, BaseException):
            self._said.writelines(traceback.format_exception(said))
        if isinstance(said, DeliveryError):
            self._said.write(said.document().model_dump_json())

    def publish(self, event: Any) -> None:
        """A bus that listens."""
        self.hear(event)
        self.hear(event.detail)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """As long as it lasts, the log is heard, down to what is for debugging alone."""
        (handler,) = logger.handlers
        stream, handler.stream = handler.stream, self._said
        level = logger.level
        logger.setLevel("DEBUG")
        try:
            yield
        finally:
            handler.stream = stream
            logger.setLevel(level)

    def found(self, stack: Installation) -> list[str]:
        """The secrets in what was said, or is kept by `stack`; what was said is forgotten."""
        services = stack.services
        kept = getattr(services.documents, "kept", {})
        places = {
            "what was said": self._said.getvalue(),
            "the documents": json.dumps(kept),
            "the journal": repr(vars(services.store)),
        }
        self._said.seek(0)
        self._said.truncate()
        named = {**SECRETS, **dict.fromkeys(self.tokens, "an access token")}
        return [
            f"{name} is in {where}"
            for secret, name in named.items()
            for where, text in places.items()
            if secret in text
        ]


LEAKS = Leaks()
"""The log is one for a process, and so is who listens to it."""
