"""One emulated Adobe as a whole: clock, data lake, profile store, sandboxes and everything in them, in memory."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Collection
from datetime import datetime

from emulator.adobe import specs
from emulator.adobe.audiences import Audiences
from emulator.adobe.clock import EmulatedClock
from emulator.adobe.dataprep import DataPrep
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.exporter import Watermark
from emulator.adobe.faults import Faults
from emulator.adobe.http import Json
from emulator.adobe.ims import Ims
from emulator.adobe.lake import Lake
from emulator.adobe.profiles import ProfileStore
from emulator.adobe.requestlog import RequestLog
from emulator.adobe.runs import Run
from emulator.adobe.segmentation import Segmentation
from emulator.adobe.settings import Settings
from emulator.adobe.sinks import Sinks
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
        self.profiles = ProfileStore(settings.lake, self.clock.now())
        self.audiences = Audiences(self.profiles.folder)
        self.segmentation = Segmentation(self.profiles, self.audiences, settings.segmentation_time)
        self.dataprep = DataPrep(self.clock)
        self.validator = Validator(self.specs, self.lake, self.audiences, self.dataprep)
        self.sandboxes = {name: Sandbox(name, settings.org, self.clock) for name in settings.sandboxes}
        self.sinks = Sinks(settings)
        self.faults = Faults()
        self.log = RequestLog()
        self.watermarks: dict[tuple[str, str], Watermark] = {}
        """What incremental flows have exported, by flow and dataset."""
        self.audience_watermarks: dict[tuple[str, str], datetime] = {}
        """Up to when incremental activations have exported, by flow and audience."""
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

    def forget_exports(self, flow_id: str, selected: Collection[str]) -> None:
        """An audience that has left a flow and comes back begins with a full export again."""
        with self.lock:
            for key in list(self.audience_watermarks):
                if key[0] == flow_id and key[1] not in selected:
                    del self.audience_watermarks[key]

    def view(self, entity: Entity, sandbox: Sandbox) -> Json:
        return view(entity, sandbox, self.specs)

    def run_view(self, run: Run, sandbox: Sandbox) -> Json:
        return run.view(sandbox_id=sandbox.id, sandbox_name=sandbox.name, org=sandbox.org)

    def reset(self) -> None:
        """Forget entities, runs, memberships, planted faults and the request log.

        Clock, tokens and data lake stay; profiles are as the lake has them, their dated changes counting from now.
        """
        with self.lock:
            self.epoch = next(self._epochs)
            for sandbox in self.sandboxes.values():
                sandbox.clear()
            self.watermarks.clear()
            self.audience_watermarks.clear()
            self.dataprep.clear()
            self.segmentation.clear()
            self.profiles.restart(self.clock.now())
            self._turns.clear()
        self.faults.clear()
        self.log.clear()
