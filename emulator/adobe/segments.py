"""The Segmentation Service as far as destinations use it: audiences, segment definitions and segment jobs.

Adobe: "Audiences endpoint", "Segment definitions endpoint", "Segment jobs endpoint", "Export jobs endpoint".
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from emulator.adobe import gateway, problems
from emulator.adobe import segment_views as views
from emulator.adobe.audiences import Audience
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.segmentation import SegmentJob
from emulator.adobe.world import World

BASE = "/data/core/ups/"
MAX_LIMIT = 100
_FILTERABLE = {
    "audiences": frozenset({"id", "audienceId", "name", "mergePolicyId", "namespace", "type"}),
    "definitions": frozenset({"id", "name", "mergePolicyId"}),
}


class Segments:
    """Answers under ``/data/core/ups/``. Every refusal is a :class:`Problem`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:  # noqa: PLR0911  a table of routes
        world = self._world
        with world.lock:
            match call.method, call.path.removeprefix(BASE).strip("/").split("/"):
                case "GET", ["audiences"]:
                    return self._list_audiences(call, sandbox)
                case "GET", ["audiences", audience_id]:
                    return Reply(200, views.audience_view(self._audience(sandbox, audience_id), sandbox))
                case "GET", ["segment", "definitions"]:
                    return self._list_definitions(call, sandbox)
                case "GET", ["segment", "definitions", audience_id]:
                    return Reply(200, views.definition_view(self._audience(sandbox, audience_id), sandbox))
                case "GET", ["segment", "jobs"]:
                    jobs = [views.job_view(job, sandbox) for job in reversed(world.segmentation.jobs)]
                    return _children(jobs, call, "segment/jobs")
                case "POST", ["segment", "jobs"]:
                    return self._start_job(call, sandbox)
                case "GET", ["segment", "jobs", job_id]:
                    return Reply(200, views.job_view(self._job(job_id), sandbox))
                case "GET", ["export", "jobs"]:
                    jobs = [views.export_view(job, sandbox) for job in reversed(world.segmentation.jobs) if job.daily]
                    return Reply(200, {"records": jobs, "page": {"totalCount": len(jobs), "pageSize": len(jobs)}})
        raise problems.empty(404)

    def _list_audiences(self, call: Call, sandbox: Sandbox) -> Reply:
        found = [views.audience_view(audience, sandbox) for audience in self._world.audiences.of(sandbox.name)]
        found = _filtered(found, call, "audiences")
        for name in ("name", "description"):
            part = (call.param(name) or "").lower()
            found = [item for item in found if part in item[name].lower()]
        return _children(_sorted(found, call), call, "audiences")

    def _list_definitions(self, call: Call, sandbox: Sandbox) -> Reply:
        found = [views.definition_view(audience, sandbox) for audience in self._world.audiences.of(sandbox.name)]
        found = _sorted(_filtered(found, call, "definitions"), call)
        limit = _number(call, "limit", MAX_LIMIT, 1)
        start = _number(call, "start", _number(call, "page", 0, 0) * limit, 0)
        page = found[start : start + limit]
        totals = {"totalCount": len(found), "totalPages": -(-len(found) // limit), "pageSize": len(page)}
        more = {"next": f"@/segment/definitions?start={start + limit}&limit={limit}"}
        return Reply(
            200,
            {
                "segments": page,
                "page": {**totals, "sortField": "creationTime", "sort": "desc", "limit": limit},
                "link": more if start + limit < len(found) else {},
            },
        )

    def _audience(self, sandbox: Sandbox, audience_id: str) -> Audience:
        audience = self._world.audiences.find(sandbox.name, audience_id)
        if audience is None:
            raise problems.plain(f"Segment [{audience_id}] does not exist", 404)
        return audience

    def _job(self, job_id: str) -> SegmentJob:
        job = next((job for job in self._world.segmentation.jobs if job.id == job_id), None)
        if job is None:
            raise problems.plain(f"Segment job [{job_id}] does not exist", 404)
        return job

    def _start_job(self, call: Call, sandbox: Sandbox) -> Reply:
        """Evaluate now. The answer says that the job is under way; it is over by the next look."""
        body = gateway.json_body(call)
        if not isinstance(body, list) or not body or not all(isinstance(item, dict) for item in body):
            raise problems.plain("A segment job needs an array of segmentId")
        wanted = {self._audience(sandbox, str(item.get("segmentId"))).id for item in body}
        job = self._world.segmentation.evaluate(self._world.clock.now(), "api", wanted)
        return Reply(200, {**views.job_view(job, sandbox), "status": "PROCESSING"})


def _filtered(items: list[Json], call: Call, kind: str) -> list[Json]:
    """By ``property=name==value``, which matches exactly; all have to hold."""
    for expression in call.params("property"):
        name, operator, wanted = expression.partition("==")
        if not operator or name not in _FILTERABLE[kind]:
            raise problems.plain(f"[{expression}] is not a valid filter")
        items = [item for item in items if item[name] == wanted]
    return items


def _sorted(items: list[Json], call: Call) -> list[Json]:
    field, _, direction = (call.param("sort") or "creationTime:desc").partition(":")
    if direction not in {"asc", "desc"} or any(field not in item for item in items):
        raise problems.plain("sort must be an attribute with :asc or :desc")
    return sorted(items, key=itemgetter(field), reverse=direction == "desc")


def _children(items: Sequence[Json], call: Call, path: str) -> Reply:
    """A page as the newer endpoints cut it: ``next`` is an offset, and absent on the last page."""
    limit, start = _number(call, "limit", MAX_LIMIT, 1), _number(call, "start", 0, 0)
    page = list(items[start : start + limit])
    body: Json = {"children": page, "_page": {"totalCount": len(items), "pageSize": len(page)}, "_links": {}}
    if start + limit < len(items):
        body["_page"]["next"] = str(start + limit)
        href = f"@/{path}?start={start + limit}&limit={limit}&totalCount={len(items)}"
        body["_links"] = {"next": {"href": href}}
    return Reply(200, body)


def _number(call: Call, name: str, default: int, minimum: int) -> int:
    text = call.param(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= (MAX_LIMIT if minimum else 10**9):
        raise problems.plain(f"{name} is not valid")
    return int(text)
