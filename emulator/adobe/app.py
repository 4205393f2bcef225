"""The ASGI application: one door for IMS, the Flow Service and its neighbours, and the control calls."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from emulator.adobe import (
    adhoc,
    control,
    dataprep,
    flowservice,
    gateway,
    ims,
    landing_zone,
    problems,
    segments,
    unionschema,
)
from emulator.adobe.clock import iso
from emulator.adobe.entities import Sandbox
from emulator.adobe.faults import Action
from emulator.adobe.http import Call, Reply
from emulator.adobe.lake import LakeError
from emulator.adobe.problems import Problem
from emulator.adobe.scheduler import Scheduler
from emulator.adobe.world import World

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
Disconnect = Callable[[Scope], None]
Service = Callable[[Call, Sandbox], Reply]


class Door:
    """Turns requests into calls, lets planted faults have their way, and answers by the emulated clock's date."""

    def __init__(self, world: World, scheduler: Scheduler, disconnect: Disconnect) -> None:
        self._world = world
        self._scheduler = scheduler
        self._disconnect = disconnect
        self._control = control.Control(world, scheduler)
        union = unionschema.UnionSchema(world)
        self._services: dict[str, Service] = {
            adhoc.PATH: adhoc.AdHoc(world, scheduler).handle,
            landing_zone.PATH: landing_zone.LandingZones(world).handle,
            unionschema.NAMESPACES_PATH: union.handle,
            unionschema.PROFILE_PATH: union.handle,
            flowservice.BASE + "/": flowservice.FlowService(world).handle,
            dataprep.BASE + "/": self._prepare,
            segments.BASE: segments.Segments(world).handle,
        }
        """By path; one that ends with a slash stands for everything below."""

    async def __call__(self, request: Request) -> Response:
        call = Call(
            method=request.method,
            path=request.url.path,
            query=tuple(request.query_params.multi_items()),
            headers=dict(request.headers),
            body=await request.body(),
            base_url=str(request.base_url).rstrip("/"),
        )
        if call.path.startswith(control.PREFIX):
            return self._response(await run_in_threadpool(self._guarded, self._control.handle, call))
        action = self._world.faults.take(call) or Action("pass")
        if action.delay:
            await asyncio.sleep(action.delay)
        reply: Reply | None = None
        if action.reply is not None:
            reply = action.reply
        elif action.kind != "drop":
            if action.kind == "fail-operation":
                call = Call(**{**vars(call), "operation_errors": action.errors})
            reply = await run_in_threadpool(self._guarded, self.answer, call)
        lost = reply is None or action.kind == "lose-answer"
        self._world.log.add(call, None if lost or reply is None else reply.status, iso(self._world.clock.now()))
        return _Broken(self._disconnect) if lost or reply is None else self._response(reply)

    def answer(self, call: Call) -> Reply:
        """What Adobe says to `call`. Raises :class:`Problem`."""
        world = self._world
        if ims.PATH.match(call.path):
            return world.ims.issue(call)
        service = self._service(call.path)
        if service is None:
            raise problems.empty(404)
        sandbox = world.sandboxes[gateway.admit(call, world.settings, world.ims, world.sandboxes)]
        self._scheduler.settle()
        return service(call, sandbox)

    def _service(self, path: str) -> Service | None:
        below = (service for prefix, service in self._services.items() if prefix[-1] == "/" and path.startswith(prefix))
        return self._services.get(path) or next(below, None)

    def _prepare(self, call: Call, sandbox: Sandbox) -> Reply:
        with self._world.lock:
            return self._world.dataprep.handle(call, sandbox, self._world.user)

    def _guarded(self, handle: Callable[[Call], Reply], call: Call) -> Reply:
        try:
            return handle(call)
        except Problem as problem:
            return problem.reply
        except LakeError as error:
            return problems.flow("1400-500", "Internal error", str(error)).reply

    def _response(self, reply: Reply) -> Response:
        headers = {
            "Date": format_datetime(self._world.clock.now().replace(microsecond=0), usegmt=True),
            "x-request-id": uuid.uuid4().hex,
            **reply.headers,
        }
        content_type = reply.content_type()
        if content_type is not None and not any(name.lower() == "content-type" for name in reply.headers):
            headers["Content-Type"] = content_type
        return Response(reply.content(), reply.status, headers)


class _Broken(Response):
    """No answer at all: the connection ends."""

    def __init__(self, disconnect: Disconnect) -> None:
        super().__init__()
        self._disconnect = disconnect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's signature
        self._disconnect(scope)
        # uvicorn would answer 500 for us if it had not noticed yet that nobody is there any more.
        await receive()


def build(world: World, scheduler: Scheduler, disconnect: Disconnect) -> Starlette:
    door = Door(world, scheduler, disconnect)

    async def endpoint(request: Request) -> Response:
        return await door(request)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)])
