"""The emulator's own endpoints under ``/_emulator/``: clock, faults, request log, entities, profiles, reset."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from emulator.adobe import patching, problems, segment_views, transformations
from emulator.adobe.clock import iso, parse_iso
from emulator.adobe.entities import KINDS
from emulator.adobe.faults import FaultError
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.profiles import identity_of
from emulator.adobe.scheduler import Outcome, Scheduler
from emulator.adobe.world import World

PREFIX = "/_emulator/"
UI_USER = "a.person@example.com"
JOB_SECONDS = 1.0
"""Emulated seconds that a segmentation job by hand takes."""


class Control:
    """Answers the control calls. They need no token: the emulator listens on the loopback."""

    def __init__(self, world: World, scheduler: Scheduler) -> None:
        self._world = world
        self._scheduler = scheduler
        self._routes: dict[tuple[str, str], Callable[[Call], Reply]] = {
            ("GET", "health"): lambda _: Reply(200, {"status": "ok"}),
            ("GET", "clock"): lambda _: self._clock(),
            ("POST", "clock"): self._set_clock,
            ("GET", "faults"): lambda _: Reply(200, {"faults": world.faults.show()}),
            ("POST", "faults"): self._plant,
            ("DELETE", "faults"): lambda _: _done(world.faults.clear),
            ("POST", "run-faults"): self._plant_outcome,
            ("DELETE", "run-faults"): lambda _: _done(scheduler.clear_planted),
            ("GET", "requests"): lambda _: Reply(200, {"requests": world.log.entries()}),
            ("DELETE", "requests"): lambda _: _done(world.log.clear),
            ("GET", "entities"): self._entities,
            ("POST", "entities/edit"): self._edit,
            ("POST", "profiles"): self._change_profile,
            ("GET", "memberships"): self._memberships,
            ("POST", "segmentation"): lambda _: self._segment(),
            ("POST", "tokens/revoke"): lambda _: Reply(200, {"revoked": world.ims.revoke_all()}),
            ("POST", "reset"): lambda _: self._reset(),
        }

    def handle(self, call: Call) -> Reply:
        """Raises :class:`Problem` with a plain message for what can't be done."""
        route = self._routes.get((call.method, call.path.removeprefix(PREFIX).rstrip("/")))
        if route is None:
            raise problems.plain("no such control endpoint", 404)
        return route(call)

    def _clock(self) -> Reply:
        return Reply(200, {"now": iso(self._world.clock.now()), "speed": self._world.clock.speed})

    def _set_clock(self, call: Call) -> Reply:
        """``{"set": ISO 8601, "advance": seconds, "speed": factor}``, each optional. Due runs exist when it answers."""
        body, clock = _object(call), self._world.clock
        if unknown := set(body) - {"set", "advance", "speed"}:
            raise problems.plain(f"unknown keys: {', '.join(sorted(unknown))}")
        try:
            if "set" in body:
                clock.set(parse_iso(body["set"]))
            if "advance" in body:
                clock.advance(float(body["advance"]))
            if "speed" in body:
                clock.set_speed(float(body["speed"]))
        except (ValueError, TypeError, OverflowError) as error:
            raise problems.plain(str(error)) from error
        self._scheduler.settle()
        return self._clock()

    def _plant(self, call: Call) -> Reply:
        try:
            self._world.faults.plant(_object(call))
        except FaultError as error:
            raise problems.plain(str(error)) from error
        return Reply(201, {"faults": self._world.faults.show()})

    def _plant_outcome(self, call: Call) -> Reply:
        """``{"outcome": "fail"|"partial"|"stall", "errors": [{"code", "message"}], "times": 1}`` for the next runs."""
        body = _object(call)
        times = body.get("times", 1)
        if (
            body.get("outcome") not in {"fail", "partial", "stall"}
            or not isinstance(times, int)
            or not 0 < times <= 1000
        ):
            raise problems.plain("outcome must be fail, partial or stall, times between 1 and 1000")
        self._scheduler.plant(Outcome(body["outcome"], tuple(body.get("errors", ()))), times)
        return Reply(201, {"planted": times})

    def _entities(self, call: Call) -> Reply:
        """Everything of all sandboxes, or of ``?sandbox=``: counts and full bodies, credentials masked."""
        world, wanted = self._world, call.param("sandbox")
        found: Json = {}
        with world.lock:
            for sandbox in world.sandboxes.values():
                if wanted not in {None, sandbox.name}:
                    continue
                items: dict[str, list[Json]] = {
                    kind: [world.view(entity, sandbox) for entity in sandbox.entities[kind].values()] for kind in KINDS
                }
                items["runs"] = [world.run_view(run, sandbox) for run in sandbox.runs.values()]
                found[sandbox.name] = {kind: {"count": len(bodies), "items": bodies} for kind, bodies in items.items()}
        return Reply(200, {"sandboxes": found})

    def _edit(self, call: Call) -> Reply:
        """A person's change in the UI, without an ETag and without a check.

        ``{"sandbox", "kind", "id"}`` and ``"patch": [operations]``, ``"state": "disabled"`` or ``"delete": true``.
        """
        body, world = _object(call), self._world
        sandbox = world.sandboxes.get(str(body.get("sandbox")))
        if sandbox is None or body.get("kind") not in KINDS:
            raise problems.plain("sandbox and kind must name a sandbox and a kind of entity")
        with world.lock:
            entity = sandbox.entities[body["kind"]].get(str(body.get("id")))
            if entity is None:
                raise problems.plain("no such entity", 404)
            if body.get("delete") is True:
                sandbox.discard(entity)
                return Reply(204)
            if "patch" in body:
                patched = patching.apply(entity.document, body["patch"])
                if entity.kind == "flows":
                    patched = transformations.complete(entity.document, patched, world.clock.now())
                entity.document = patched
            entity.state = str(body.get("state", entity.state))
            sandbox.touch(entity, UI_USER)
            return Reply(200, world.view(entity, sandbox))

    def _change_profile(self, call: Call) -> Reply:
        """``{"identity": {namespace: id}, "set": {attribute path: value or null}}``, from now on.

        Memberships follow with the next segmentation job. Answers how many profiles have the identity.
        """
        body, world = _object(call), self._world
        values = body.get("set")
        if set(body) != {"identity", "set"} or not isinstance(values, dict):
            raise problems.plain("identity and set are needed, and nothing else")
        try:
            identity = identity_of(body["identity"])
        except ValueError as error:
            raise problems.plain(str(error)) from error
        with world.lock:
            return Reply(200, {"changed": world.profiles.change(identity, values, world.clock.now())})

    def _segment(self) -> Reply:
        """Run the daily segmentation job now; exports after the evaluation follow, once a day."""
        world = self._world
        with world.lock:
            # It takes a moment, also where the clock stands still: what follows it comes after what was looked at.
            world.clock.advance(JOB_SECONDS)
            job = world.segmentation.evaluate(world.clock.now(), "scheduler")
        self._scheduler.settle()
        return Reply(201, segment_views.job_view(job, next(iter(world.sandboxes.values()))))

    def _memberships(self, call: Call) -> Reply:
        """How many are in each audience, or have left it, by status."""
        world = self._world
        with world.lock:
            now = world.clock.now()
            found = {
                audience.id: Counter(item.status for item in world.segmentation.members(audience.id, now).values())
                for audience in world.audiences.all()
                if call.param("audience") in {None, audience.id}
            }
        return Reply(200, {"memberships": found})

    def _reset(self) -> Reply:
        self._scheduler.clear_planted()
        return _done(self._world.reset)


def _object(call: Call) -> dict[str, Any]:
    try:
        body = json.loads(call.body or b"{}")
    except ValueError as error:
        raise problems.plain(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise problems.plain("the body must be a JSON object")
    return body


def _done(act: Callable[[], None]) -> Reply:
    act()
    return Reply(204)
