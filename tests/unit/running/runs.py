"""A dataflow's runs as Adobe would list them, without Adobe."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from aep_delivery.adobe.flow_service import FlowService
from aep_delivery.adobe.models import Run
from aep_delivery.runtime.clock import FixedClock


class FakeRuns:
    """The part of a Flow Service that running needs."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self.listed: list[Run] = []
        self.asked: list[datetime | None] = []

    @property
    def service(self) -> FlowService:
        return cast("FlowService", self)

    def add(self, run_id: str, created: datetime, status: str | None = "success", **metrics: Any) -> None:
        body: dict[str, Any] = {"id": run_id, "flowId": "flow", "createdAt": round(created.timestamp() * 1000)}
        if status is not None:
            body["metrics"] = {"statusSummary": {"status": status}, **metrics}
        self.listed.append(Run.model_validate(body))

    def runs(self, flow_id: str, created_after: datetime | None = None) -> list[Run]:
        self.asked.append(created_after)
        found = [run for run in self.listed if run.flow_id == flow_id]
        recent = [run for run in found if created_after is None or (run.created and run.created >= created_after)]
        return sorted(recent, key=lambda run: run.created_at or 0, reverse=True)

    def server_time(self) -> datetime:
        return self._clock.now().replace(microsecond=0)
