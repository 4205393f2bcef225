"""When dataflows are due: a dataset flow as a whole, an audience flow audience by audience."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emulator.adobe import audience_schedule, schedule, transformations
from emulator.adobe.entities import Entity, Sandbox
from emulator.adobe.world import World


@dataclass(frozen=True)
class Slot:
    """One run that is due. `audiences` is empty for a dataset flow."""

    at: datetime
    audiences: tuple[str, ...] = ()


def due(world: World, sandbox: Sandbox, flow: Entity, after: datetime, until: datetime) -> Iterator[Slot]:
    """The runs of `flow` in (`after`, `until`], in order of time. Raises :class:`LakeError`.

    Audiences of one moment share a run as far as they share a merge policy.
    """
    if world.specs.exports_datasets(flow.document["flowSpec"]["id"]):
        for moment in schedule.slots(flow.document["scheduleParams"], flow.created_at, after, until):
            yield Slot(moment)
        return
    found: dict[tuple[datetime, str], list[str]] = defaultdict(list)
    for value in transformations.selected(flow.document):
        policy = merge_policy(world, sandbox, value["id"])
        for moment in _audience_slots(world, sandbox, value, after, until):
            found[moment, policy].append(value["id"])
    for (moment, _), audience_ids in sorted(found.items()):
        yield Slot(moment, tuple(audience_ids))


def merge_policy(world: World, sandbox: Sandbox, audience_id: str) -> str:
    """Of an audience that may not exist any more. Raises :class:`LakeError`."""
    audience = world.audiences.find(sandbox.name, audience_id)
    return audience.merge_policy if audience else ""


def _audience_slots(
    world: World, sandbox: Sandbox, value: transformations.Selected, after: datetime, until: datetime
) -> Iterator[datetime]:
    settings = world.settings
    activated = datetime.fromtimestamp(int(value["createTime"]), UTC)
    ready = activated + timedelta(seconds=settings.activation_lead)
    audience = world.audiences.find(sandbox.name, value["id"])
    if audience is not None:
        ready = max(ready, audience.created + timedelta(seconds=settings.audience_matures_after))
    evaluations = [moment for moment in world.segmentation.daily_moments() if moment >= activated]
    for moment in audience_schedule.slots(value["schedule"], after, until, evaluations):
        if moment >= ready:
            yield moment
