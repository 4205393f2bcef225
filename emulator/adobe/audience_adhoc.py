"""Audiences exported now, whatever the schedule says, in both versions of the call (Adobe: "Ad-hoc Activation API")."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta

from emulator.adobe import audience_schedule, gateway, problems, segment_views, slots, transformations
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.flowservice import BASE
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.scheduler import Scheduler
from emulator.adobe.transformations import Selected
from emulator.adobe.world import World

MEDIA_TYPE = "application/vnd.adobe.adhoc.activation+json"
MOST_AUDIENCES = 80


class AudienceAdHoc:
    """Starts runs of audiences on demand. Every refusal is a :class:`Problem` in the plain shape."""

    def __init__(self, world: World, scheduler: Scheduler) -> None:
        self._world = world
        self._scheduler = scheduler

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:
        """Version 2 of the media type asks for ``activationInfo``; without it version 1 applies, with ``exportIds``."""
        body = gateway.json_object(call)
        asked = _activation_info(body)
        world = self._world
        with world.lock:
            if not _asks_for_version_2(call):
                self._check_export_ids(body.get("exportIds"))
            if sum(map(len, asked.values())) > MOST_AUDIENCES:
                raise problems.plain(f"An ad hoc activation job may hold up to {MOST_AUDIENCES} audiences")
            wanted = {flow_id: self._wanted(sandbox, flow_id, ids) for flow_id, ids in asked.items()}
            orders = []
            for flow, audience_ids in wanted.values():
                for group in self._by_merge_policy(sandbox, audience_ids):
                    run = self._scheduler.start_run(sandbox, flow, world.clock.now(), audiences=tuple(group))
                    url = f"{call.base_url}{BASE}/runs/{run.id}"
                    orders += [{"segment": item, "order": flow.id, "statusURL": url} for item in group]
        return Reply(200, {"order": orders})

    def _wanted(self, sandbox: Sandbox, flow_id: str, audience_ids: list[str]) -> tuple[Entity, list[str]]:
        flow = sandbox.entities["flows"].get(flow_id)
        if flow is None or flow.deleting:
            raise problems.not_found("flows", flow_id)
        if self._world.specs.exports_datasets(flow.document["flowSpec"]["id"]):
            raise problems.plain(f"Flow {flow_id} does not export audiences")
        selected = {value["id"]: value for value in transformations.selected(flow.document)}
        outside = [item for item in audience_ids if not self._in_range(flow, selected.get(item))]
        if outside:
            names = ", ".join(self._name(sandbox, item) for item in outside)
            raise problems.plain(f"Segments {names} are not part of this dataflow or out of schedule range!")
        for run in sandbox.runs.values():
            if run.flow_id == flow_id and not run.stage.over and (busy := set(audience_ids) & set(run.audiences)):
                raise problems.plain(
                    f"Run already going on for audience {min(busy)} for order {flow_id} with run id {run.id}"
                )
        return flow, audience_ids

    def _in_range(self, flow: Entity, value: Selected | None) -> bool:
        """An audience takes part from some time after its activation on, while its schedule lasts."""
        if value is None or flow.state != "enabled":
            return False
        activated = datetime.fromtimestamp(int(value["createTime"]), UTC)
        ready = activated + timedelta(seconds=self._world.settings.adhoc_audience_ready_after)
        now = self._world.clock.now()
        return now >= ready and audience_schedule.covers(value["schedule"], now)

    def _name(self, sandbox: Sandbox, audience_id: str) -> str:
        audience = self._world.audiences.find(sandbox.name, audience_id)
        return audience.name if audience else audience_id

    def _by_merge_policy(self, sandbox: Sandbox, audience_ids: list[str]) -> list[list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for audience_id in audience_ids:
            groups[slots.merge_policy(self._world, sandbox, audience_id)].append(audience_id)
        return list(groups.values())

    def _check_export_ids(self, asked: object) -> None:
        known = {segment_views.export_id(job) for job in self._world.segmentation.jobs if job.daily}
        if not isinstance(asked, list) or not asked or not set(map(str, asked)) <= known:
            raise problems.plain("exportIds must hold ids of audience export jobs")


def _asks_for_version_2(call: Call) -> bool:
    accept = re.sub(r"\s", "", call.header("accept") or "")
    return f"{MEDIA_TYPE};version=2" in accept.split(",")


def _activation_info(body: Json) -> dict[str, list[str]]:
    info = body.get("activationInfo")
    if not isinstance(info, dict) or not info:
        raise problems.plain("activationInfo must map dataflows to audiences")
    for audience_ids in info.values():
        if not isinstance(audience_ids, list) or not audience_ids:
            raise problems.plain("activationInfo must name at least one audience for each dataflow")
        if not all(isinstance(item, str) for item in audience_ids):
            raise problems.plain("activationInfo must hold ids of audiences")
    return {flow_id: list(dict.fromkeys(audience_ids)) for flow_id, audience_ids in info.items()}
