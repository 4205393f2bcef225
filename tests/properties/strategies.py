"""Worlds and configs to plan in: valid by construction, small enough to read when one fails."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from aep_delivery.planning.ownership import OwnerMarker
from tests.faults.harness import AIRPORTS, CONFIG, KINDS, PLANES, RESOURCES, START, Adobe, Installation, LocalServices

DELIVERY = "prod/planes"
KIND_OF = dict(zip(KINDS, RESOURCES, strict=True))
SECRET = {"s3AccessKey": "AKIAIOSFODNN7EXAMPL3", "s3SecretKey": "Bb" * 20}
DATASETS = {PLANES: "Planes", AIRPORTS: "Airports"}
TEMPLATES = ("%DATASET_ID%", "%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%", "/")
RHYTHMS: tuple[dict[str, Any], ...] = (
    {"exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"},
    {"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": 1, "timeUnit": "day"},
    *({"exportMode": "FIRST_FULL_THEN_INCREMENTAL", "interval": n, "timeUnit": "hour"} for n in (3, 6, 9, 12)),
)
_HOUR = 3600
_BEGIN = int(START.timestamp()) + 1800
STARTS = st.integers(48, 600).map(lambda hours: _BEGIN + hours * _HOUR)
"""Far enough ahead that no case gets there."""
ENDS = st.integers(1000, 9000).map(lambda hours: _BEGIN + hours * _HOUR)
BUCKETS = st.sampled_from(["delivered", "a.b-c"])
PATHS = st.sampled_from(["exports", "exports/planes", "e(x)'s/p_1.2"])
FORMATS = st.sampled_from([("PARQUET", "NONE"), ("PARQUET", "GZIP"), ("JSON", "GZIP"), ("JSON", "NONE")])
NAMES = st.sampled_from(["Planes", "planes", "Flüge / täglich", "[aep-delivery]", "1"])
DESCRIPTIONS = st.sampled_from(
    ["For the warehouse", "", "[aep-delivery owner=the-stack delivery=prod/other kind=dataflow]"]
)
DATASET_IDS = st.lists(st.sampled_from(sorted(DATASETS)), min_size=1, max_size=2, unique=True)
_KEYS = ("baseConnection", "sourceConnection", "targetConnection", "dataflow")


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    """``scheduleParams`` of a config: with and without what may be left out."""
    return {
        **draw(st.sampled_from(RHYTHMS)),
        **_without_none(
            startTime=draw(st.none() | STARTS),
            endTime=draw(st.none() | ENDS),
            foldernameTemplate=draw(st.none() | st.sampled_from(TEMPLATES)),
        ),
    }


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A config of the delivery "planes" that can always be followed, whatever was applied before."""
    file_type, compression = draw(FORMATS)
    datasets = [{"id": one} if draw(st.booleans()) else {"name": DATASETS[one]} for one in draw(DATASET_IDS)]
    return {
        **CONFIG,
        **_without_none(
            description=draw(st.none() | DESCRIPTIONS),
            names=draw(st.none() | st.dictionaries(st.sampled_from(_KEYS), NAMES)),
        ),
        "destination": {
            **CONFIG["destination"],
            "bucketName": draw(BUCKETS),
            "path": draw(PATHS) + draw(st.sampled_from(["", "/"])),
            "datasetFileType": file_type,
            "compression": compression,
            "allowUncompressedJson": True,
            **_without_none(includeFileManifest=draw(st.none() | st.booleans())),
        },
        "datasets": datasets,
        "scheduleParams": draw(schedules()),
        "allow": ["schedule-change"],
    }


@dataclass(frozen=True)
class HandMade:
    """A dataflow that somebody made in Adobe, as its four documents."""

    name: str
    schedule: dict[str, Any]
    params: dict[str, Any]
    datasets: tuple[str, ...]
    description: str | None
    shares_base_connection: bool

    def make(self, adobe: Adobe, base_connection_id: str | None = None) -> dict[str, str]:
        """Put it into Adobe, by Adobe's own rules. Returns the ids by collection."""
        texts = {} if self.description is None else {"description": self.description}
        base = base_connection_id or hand_make(
            adobe,
            "connections",
            {
                "name": f"{self.name} bucket",
                "connectionSpec": _S3,
                "auth": {"specName": "Access Key", "params": SECRET},
                **texts,
            },
        )
        listed = [{"dataSetId": one, "name": DATASETS[one]} for one in self.datasets]
        source = hand_make(
            adobe,
            "sourceConnections",
            {"name": f"{self.name} in", "connectionSpec": _LAKE, "params": {"datasets": listed}, **texts},
        )
        target = hand_make(
            adobe,
            "targetConnections",
            {
                "name": f"{self.name} out",
                "connectionSpec": _S3,
                "baseConnectionId": base,
                "params": self.params,
                **texts,
            },
        )
        flow = hand_make(
            adobe,
            "flows",
            {
                "name": self.name,
                "flowSpec": _FLOW,
                "sourceConnectionIds": [source],
                "targetConnectionIds": [target],
                "transformations": [],
                "scheduleParams": self.schedule,
                **texts,
            },
        )
        return dict(zip(KINDS, (base, source, target, flow), strict=True))


_S3 = {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"}
_LAKE = {"id": "23598e46-f560-407b-88d5-ea6207e49db0", "version": "1.0"}
_FLOW = {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"}


def hand_make(adobe: Adobe, kind: str, document: dict[str, Any]) -> str:
    """An entity that a person makes, refused where Adobe would refuse it."""
    world = adobe.emulator.world
    with world.lock:
        world.validator.check(kind, document, world.sandboxes["prod"])
        return world.sandboxes["prod"].create(kind, copy.deepcopy(document), "a.person@example.com").id


@st.composite
def hand_made(draw: st.DrawFn) -> HandMade:
    """All forms of a dataflow that Adobe takes and a config can hold."""
    rhythm = dict(draw(st.sampled_from(RHYTHMS)))
    if rhythm["exportMode"] == "FIRST_FULL_THEN_INCREMENTAL" and draw(st.booleans()):
        del rhythm["exportMode"]
    # Most have begun long ago.
    start = draw(STARTS) - draw(st.sampled_from([0, 90 * 24 * _HOUR]))
    file_type, compression = draw(FORMATS)
    return HandMade(
        name=draw(NAMES),
        schedule={
            **rhythm,
            "startTime": start,
            **_without_none(
                endTime=draw(st.none() | ENDS),
                foldernameTemplate=draw(st.none() | st.sampled_from(TEMPLATES)),
            ),
        },
        params={
            "mode": "Server-to-server",
            "bucketName": draw(BUCKETS),
            "path": draw(PATHS) + draw(st.sampled_from(["", "/"])),
            "datasetFileType": file_type,
            "compression": compression,
            **_without_none(includeFileManifest=draw(st.none() | st.booleans())),
        },
        datasets=tuple(draw(DATASET_IDS)),
        description=draw(st.none() | st.sampled_from(["", "By hand", "Managed by AEP Delivery."])),
        shares_base_connection=draw(st.booleans()),
    )


@dataclass(frozen=True)
class Edit:
    """What a person does to one entity in the UI: exactly one of its fields or states is set."""

    kind: str
    path: str = ""
    """Of the field; empty where `does` says what happens."""
    value: Any = None
    does: str = "set"
    """set, disable, enable or delete"""

    def __str__(self) -> str:
        return f"{self.does} {self.kind}{self.path}"


EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Edit, st.sampled_from(KINDS), st.just("/name"), NAMES),
    st.builds(Edit, st.just("targetConnections"), st.just("/params/bucketName"), BUCKETS),
    st.builds(Edit, st.just("targetConnections"), st.just("/params/path"), PATHS),
    st.builds(Edit, st.just("targetConnections"), st.just("/params/compression"), st.sampled_from(["NONE", "GZIP"])),
    st.builds(
        Edit, st.just("targetConnections"), st.just("/params/datasetFileType"), st.sampled_from(["JSON", "PARQUET"])
    ),
    st.builds(Edit, st.just("targetConnections"), st.just("/params/includeFileManifest"), st.booleans()),
    st.builds(Edit, st.just("flows"), st.just("/scheduleParams"), schedules()),
    st.sampled_from([Edit("flows", does="disable"), Edit("flows", does="enable")]),
    st.builds(Edit, st.sampled_from(KINDS), does=st.just("delete")),
)


@dataclass(frozen=True)
class Prior:
    """What there is before the property is put to the test."""

    applied: dict[str, Any] | None
    edits: tuple[Edit, ...]
    neighbours: tuple[HandMade, ...]
    marks: tuple[str | None, ...]
    """Owner and delivery that each neighbour is marked with; None for no marker."""
    rotated: bool = False


PRIORS: st.SearchStrategy[Prior] = st.builds(
    Prior,
    applied=st.none() | configs(),
    edits=st.lists(EDITS, max_size=3).map(tuple),
    neighbours=st.lists(hand_made(), max_size=2).map(tuple),
    marks=st.tuples(
        *[st.sampled_from([None, "the-stack prod/planes-2", "the-stack-2 prod/planes", "the-stack dev/planes"])] * 2
    ),
    rotated=st.booleans(),
)


@dataclass
class Scene:
    """One installation in a sandbox with other people's things."""

    adobe: Adobe
    stack: Installation = field(init=False)
    foreign: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world = self.adobe.emulator.world
        world.reset()
        world.clock.set(START)
        self.stack = Installation(self.adobe, LocalServices(self.adobe))

    @classmethod
    def of(cls, adobe: Adobe, prior: Prior) -> Scene:
        """A world after `prior`."""
        scene = cls(adobe)
        shared: str | None = None
        for neighbour, mark in zip(prior.neighbours, prior.marks, strict=False):
            made = neighbour.make(adobe, shared if neighbour.shares_base_connection else None)
            shared = made["connections"]
            for kind, entity_id in made.items():
                scene.mark(kind, entity_id, mark)
        scene.foreign = scene.everything()
        if prior.applied is not None:
            scene.stack.deliver(prior.applied)
            for edit in prior.edits:
                scene.edit(edit)
            if prior.rotated:
                scene.stack.rotate_secret()
        return scene

    def mark(self, kind: str, entity_id: str, mark: str | None) -> None:
        if mark is not None:
            owner, delivery_id = mark.split()
            marker = OwnerMarker(owner=owner, delivery_id=delivery_id, kind=KIND_OF[kind])
            self.entity(kind, entity_id).document["description"] = marker.describe("Like ours")

    def entity(self, kind: str, entity_id: str) -> Any:
        return self.adobe.emulator.world.sandboxes["prod"].entities[kind][entity_id]

    def everything(self) -> dict[str, dict[str, Any]]:
        """All entities of the sandbox as Adobe shows them, by id."""
        world = self.adobe.emulator.world
        sandbox = world.sandboxes["prod"]
        with world.lock:
            return {one.id: world.view(one, sandbox) for kind in KINDS for one in sandbox.entities[kind].values()}

    def ours(self, kind: str) -> str | None:
        """The entity of the delivery that the journal knows, where it is still there."""
        entry = self.stack.services.store.read_journal(DELIVERY).get(KIND_OF[kind])
        known = entry.done.resource_id if entry and entry.done else None
        return known if known in self.adobe.emulator.world.sandboxes["prod"].entities[kind] else None

    def edit(self, edit: Edit) -> str | None:
        """Do it to what the delivery owns. Returns the id, or None where there is nothing to do it to."""
        world, entity_id = self.adobe.emulator.world, self.ours(edit.kind)
        if entity_id is None:
            return None
        sandbox, entity = world.sandboxes["prod"], self.entity(edit.kind, entity_id)
        with world.lock:
            match edit.does:
                case "delete":
                    sandbox.discard(entity)
                    return entity_id
                case "disable" | "enable":
                    entity.state = f"{edit.does}d"
                case _:
                    self._set(entity.document, edit)
            sandbox.touch(entity, "a.person@example.com")
        return entity_id

    def _set(self, document: dict[str, Any], edit: Edit) -> None:
        *parents, last = edit.path.strip("/").split("/")
        for parent in parents:
            document = document[parent]
        value = copy.deepcopy(edit.value)
        if edit.path == "/scheduleParams":
            # Adobe insists on a start.
            value.setdefault("startTime", document["scheduleParams"]["startTime"])
        document[last] = value

    def writes(self) -> list[str]:
        """The requests since the log was last cleared that change anything."""
        entries = self.adobe.emulator.world.log.entries()
        return [f"{e['method']} {e['path']}" for e in entries if e["method"] != "GET" and "/ims/" not in e["path"]]

    def patched(self) -> list[str]:
        """The paths of all operations sent since the log was last cleared."""
        entries = self.adobe.emulator.world.log.entries()
        return [operation["path"] for e in entries if e["method"] == "PATCH" for operation in e["body"]]
