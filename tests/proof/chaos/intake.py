"""The intake queue and the two at a time who take from it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.steps.receive_request import receive_request
from tests.proof.chaos.ground import ChaosGround, ChaosServices

CONCURRENCY = 2
"""MaximumConcurrency of the template."""
BATCH = 10
MAX_RECEIVES = 5
VISIBILITY = 360.0


@dataclass
class Message:
    """A message of the queue."""

    body: str
    visible_at: float
    receives: int = 0


class Intake:
    """A queue as SQS is one: what could not be taken comes back, and in the end goes to the dead letters."""

    def __init__(self, ground: ChaosGround, started: Callable[[str], None]) -> None:
        self._ground, self._started = ground, started
        self._turn = threading.Lock()
        self._messages: list[Message] = []
        self._open = True
        self.dead: list[str] = []

    def send(self, event: dict[str, Any] | str) -> None:
        """Put an event into the queue."""
        body = event if isinstance(event, str) else json.dumps(event)
        with self._turn:
            self._messages.append(Message(body, self._ground.time.elapsed()))

    def close(self) -> None:
        """Nothing more is sent."""
        self._open = False

    def serve(self) -> None:
        """Take messages until there is none and none will be."""
        services = ChaosServices(self._ground)
        while self._open or self._messages:
            for message in self._batch():
                self._take(message, services)
            self._ground.time.sleep(15)

    def _take(self, message: Message, services: ChaosServices) -> None:
        try:
            names = receive_request(message.body, 0, services)
        except UserError:
            self._give_up_or_back(message)
            return
        with self._turn:
            self._messages.remove(message)
        for name in names:
            self._started(name)

    def _give_up_or_back(self, message: Message) -> None:
        if message.receives >= MAX_RECEIVES:
            with self._turn:
                self._messages.remove(message)
                self.dead.append(message.body)

    def _batch(self) -> list[Message]:
        now = self._ground.time.elapsed()
        with self._turn:
            batch = [message for message in self._messages if message.visible_at <= now][:BATCH]
            for message in batch:
                message.visible_at = now + VISIBILITY
                message.receives += 1
        return batch
