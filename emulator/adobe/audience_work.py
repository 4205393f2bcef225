"""The work of a run of an audience dataflow: who is in its audiences, or who has joined and left since last time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emulator.adobe import attributes, audience_schedule, transformations
from emulator.adobe.audience_exporter import AudienceExporter, AudienceFile, AudienceJob, Row
from emulator.adobe.dataprep import Mapping
from emulator.adobe.entities import Sandbox
from emulator.adobe.filenames import Subject
from emulator.adobe.files import open_files
from emulator.adobe.http import Json
from emulator.adobe.runs import Run
from emulator.adobe.transformations import Selected
from emulator.adobe.work import Chain, Result
from emulator.adobe.world import World


@dataclass(frozen=True)
class AudienceWork:
    """See :class:`emulator.adobe.work.Work`."""

    world: World
    flow_id: str
    job: AudienceJob
    base: Json
    files: Sequence[AudienceFile]
    until: datetime
    incremental: frozenset[str]
    """The audiences whose next export begins where this one ends."""

    def carry_out(self) -> Result:
        exporter = AudienceExporter(self.job, open_files(self.world.sinks, self.base, self.job.params))
        # A flow without a column has nothing to write: so it is with attributes selected where a mapping is needed.
        tallies = tuple(exporter.export(file) for file in self.files) if self.job.columns else ()

        def commit() -> None:
            for audience_id in self.incremental:
                self.world.audience_watermarks[self.flow_id, audience_id] = self.until

        return Result(tallies, exporter.write_manifests(), commit)


def plan(world: World, sandbox: Sandbox, run: Run, chain: Chain) -> AudienceWork:
    """Needs the world's lock. Raises :class:`LakeError`."""
    document, target = chain.flow.document, chain.target.document
    current = world.specs.is_current(target["connectionSpec"]["id"])
    columns = _columns(world, sandbox, document, current=current)
    holder = transformations.params_of(document)
    holder = holder if current else holder.get("profileSelectors", {})
    job = AudienceJob(
        run_id=run.id,
        target_id=chain.target.id,
        params=target["params"],
        place=chain.place(world, sandbox),
        time=run.created_at,
        rows_per_file=world.settings.rows_per_file,
        columns=columns,
        mandatory=[_path(name, columns) for name in holder.get("mandatoryFields", ())],
        key=[_key_path(item, columns) for item in holder.get("primaryFields", ())],
    )
    selected = [value for value in transformations.selected(document) if value["id"] in run.audiences]
    until = run.slot or run.created_at
    return AudienceWork(
        world,
        chain.flow.id,
        job,
        chain.base.document,
        [_file(world, sandbox, run, value, job.columns) for value in selected],
        until,
        # Where nothing was written the first full export is still to come.
        frozenset(value["id"] for value in selected if columns and run.slot is not None and _is_incremental(value)),
    )


def _columns(world: World, sandbox: Sandbox, document: Json, *, current: bool) -> list[Mapping]:
    if current:
        profile_mapping = transformations.params_of(document).get("profileMapping", {})
        return world.dataprep.mappings(sandbox, profile_mapping) or []
    return [Mapping(path, path) for path in transformations.attributes(document)]


def _file(world: World, sandbox: Sandbox, run: Run, value: Selected, columns: Sequence[Mapping]) -> AudienceFile:
    audience = world.audiences.find(sandbox.name, value["id"])
    name = audience.name if audience else str(value.get("name", value["id"]))
    return AudienceFile(Subject(value["id"], name), value.get("filenameTemplate"), _rows(world, run, value, columns))


def _rows(world: World, run: Run, value: Selected, columns: Sequence[Mapping]) -> list[Row]:
    """Everybody in the audience, or after a first full export those whose membership has changed since the last.

    Changes of attributes are no reason to export a profile; those who left are exported only where their status is
    (Adobe: "Profile export behavior for different destination types").
    """
    until = run.slot or run.created_at
    after = world.audience_watermarks.get((run.flow_id, value["id"]))
    if run.slot is None or after is None or not _is_incremental(value):
        found = world.segmentation.members(value["id"], until)
        leavers = False
    else:
        found = world.segmentation.changes(value["id"], after, until)
        leavers = any(attributes.is_status(column.source) for column in columns)
    profiles = world.profiles.at(until)
    return [
        (profile, found[key]) for key, profile in profiles.items() if key in found and (found[key].active or leavers)
    ]


def _is_incremental(value: Selected) -> bool:
    return bool(value["exportMode"] == audience_schedule.INCREMENTAL)


def _path(name: str, columns: Sequence[Mapping]) -> str:
    """The attribute path that a field of the current generation means: its own, that of a column, or a namespace's."""
    if any(column.source == name for column in columns):
        return name
    for column in columns:
        if column.destination in {name, name.replace(".", "_")} or column.source == attributes.identity_path(name):
            return column.source
    return name


def _key_path(item: Json, columns: Sequence[Mapping]) -> str:
    if item["fieldType"] == "IDENTITY":
        return attributes.identity_path(item["identityNamespace"])
    return _path(item["attributePath"], columns)
