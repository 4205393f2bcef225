"""One emulated Adobe as a whole: its clock, its data lake, its sandboxes and everything in them, in memory."""

from __future__ import annotations

import itertools
import threading
from collections import Counter

from emulator.adobe import specs
from emulator.adobe.clock import EmulatedClock
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.exporter import Watermark
from emulator.adobe.faults import Faults
from emulator.adobe.http import Json
from emulator.adobe.ims import Ims
from emulator.adobe.lake import Lake
from emulator.adobe.requestlog import RequestLog
from emulator.adobe.runs import Run
from emulator.adobe.settings import Settings
from emulator.adobe.storage import Storages
from emulator.adobe.validation import Validator
from emulator.adobe.views import view


class World:
    """The state. `lock` guards the sandboxes; whoever holds it may read and change them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.clock = EmulatedClock(settings.start, settings.speed)
        self.ims = Ims(settings, self.clock)
        self.specs = specs.load()
        self.lake = Lake(settings.lake)
        self.validator = Validator(self.specs, self.lake)
        self.sandboxes = {name: Sandbox(name, settings.org, self.clock) for name in settings.sandboxes}
        self.storages = Storages(settings)
        self.faults = Faults()
        self.log = RequestLog()
        self.watermarks: dict[tuple[str, str], Watermark] = {}
        """What incremental flows have exported, by flow and dataset."""
        self._turns: Counter[str] = Counter()
        self._epochs = itertools.count(1)
        self.epoch = 0
        """Grows with each reset, so that a run of the old world can't write into the new."""

    @property
    def user(self) -> str:
        return f"{self.settings.client_id}@techacct.adobe.com"

    def turn(self, what: str, options: int) -> int:
        """Which of the `options` forms of an answer comes next; always the first where variation is off."""
        if not self.settings.vary:
            return 0
        with self.lock:
            self._turns[what] += 1
            return (self._turns[what] - 1) % options

    def view(self, entity: Entity, sandbox: Sandbox) -> Json:
        return view(entity, sandbox, self.specs)

    def run_view(self, run: Run, sandbox: Sandbox) -> Json:
        return run.view(sandbox_id=sandbox.id, sandbox_name=sandbox.name, org=sandbox.org)

    def reset(self) -> None:
        """Forget entities, runs, planted faults and the request log. Clock, tokens and data lake stay."""
        with self.lock:
            self.epoch = next(self._epochs)
            for sandbox in self.sandboxes.values():
                sandbox.clear()
            self.watermarks.clear()
            self._turns.clear()
        self.faults.clear()
        self.log.clear()
