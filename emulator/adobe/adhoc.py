"""The ad-hoc endpoint: export now, whatever the schedule says (Adobe: "Ad-hoc Activation API").

The dataset form isn't in Adobe's OpenAPI file; body, media type and answer are those that clients in the field use.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from emulator.adobe import gateway, problems
from emulator.adobe.audience_adhoc import AudienceAdHoc
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.flowservice import BASE
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.scheduler import Scheduler
from emulator.adobe.world import World

PATH = "/data/core/activation/disflowprovider/adhocrun"
DATASET_MEDIA_TYPE = "application/vnd.adobe.adhoc.dataset.activation+json"
NOT_READY = "Following order ID(s) are not ready for dataset export"


class AdHoc:
    """Starts runs on demand. Every refusal is a :class:`Problem` in the plain shape."""

    def __init__(self, world: World, scheduler: Scheduler) -> None:
        self._world = world
        self._scheduler = scheduler
        self._audiences = AudienceAdHoc(world, scheduler)

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:
        if call.method != "POST":
            raise problems.empty(405)
        if not _asks_for_datasets(call):
            return self._audiences.handle(call, sandbox)
        body = gateway.json_object(call)
        with self._world.lock:
            wanted = [self._wanted(sandbox, item) for item in _destinations(body)]
            if not wanted or any(self._busy(sandbox, flow) for flow, _ in wanted):
                raise problems.plain(NOT_READY)
            now = self._world.clock.now()
            answer = []
            for flow, datasets in wanted:
                run = self._scheduler.start_run(sandbox, flow, now, datasets=datasets)
                url = f"{call.base_url}{BASE}/runs/{run.id}"
                answer.append({"datasets": [{"id": item, "statusURL": url, "flowId": flow.id} for item in datasets]})
        return Reply(200, {"destinations": answer})

    def _wanted(self, sandbox: Sandbox, item: Json) -> tuple[Entity, tuple[str, ...]]:
        flow = sandbox.entities["flows"].get(str(item.get("flowId")))
        if flow is None or flow.deleting:
            raise problems.not_found("flows", str(item.get("flowId")))
        if not self._world.specs.exports_datasets(flow.document["flowSpec"]["id"]):
            raise problems.plain(f"Flow {flow.id} does not export datasets")
        source = sandbox.entities["sourceConnections"].get(flow.document["sourceConnectionIds"][0])
        if source is None:
            raise problems.not_found("sourceConnections", flow.document["sourceConnectionIds"][0])
        known = [dataset["dataSetId"] for dataset in source.document["params"]["datasets"]]
        listed = item.get("datasets")
        ids = [str(entry.get("id")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
        if not ids:
            raise problems.plain("activationInfo.destinations[].datasets must name at least one dataset")
        if strangers := [entry for entry in ids if entry not in known]:
            raise problems.plain(f"Datasets {', '.join(strangers)} are not part of this dataflow")
        return flow, tuple(dict.fromkeys(ids))

    def _busy(self, sandbox: Sandbox, flow: Entity) -> bool:
        """Whether the flow is too young, not enabled, or still in its previous run."""
        ready = flow.created_at + timedelta(seconds=self._world.settings.adhoc_ready_after)
        running = any(run.flow_id == flow.id and not run.stage.over for run in sandbox.runs.values())
        return self._world.clock.now() < ready or flow.state != "enabled" or running


def _asks_for_datasets(call: Call) -> bool:
    accept = re.sub(r"\s", "", call.header("accept") or "")
    return f"{DATASET_MEDIA_TYPE};version=1" in accept.split(",")


def _destinations(body: Json) -> list[Json]:
    info: Any = body.get("activationInfo")
    destinations = info.get("destinations") if isinstance(info, dict) else None
    if not isinstance(destinations, list) or not all(isinstance(item, dict) for item in destinations):
        raise problems.plain("activationInfo.destinations must be an array of objects")
    return destinations
