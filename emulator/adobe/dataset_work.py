"""The work of a run of a dataset dataflow: the datasets of its source connection, each from its watermark on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulator.adobe import schedule
from emulator.adobe.entities import Sandbox
from emulator.adobe.exporter import Exporter, Job, Watermark
from emulator.adobe.files import open_files
from emulator.adobe.http import Json
from emulator.adobe.lake import Dataset, LakeError
from emulator.adobe.runs import Run
from emulator.adobe.work import Chain, Result
from emulator.adobe.world import World


@dataclass(frozen=True)
class DatasetWork:
    """See :class:`emulator.adobe.work.Work`."""

    world: World
    flow_id: str
    job: Job
    base: Json
    datasets: Sequence[tuple[str, Dataset | None, Watermark]]
    incremental: bool

    def carry_out(self) -> Result:
        exporter = Exporter(self.job, open_files(self.world.sinks, self.base, self.job.params))
        exports = []
        for dataset_id, dataset, known in self.datasets:
            if dataset is None:
                raise LakeError(f"Dataset {dataset_id} does not exist any more")
            exports.append(exporter.export(dataset, known))

        def commit() -> None:
            if self.incremental:
                for export in exports:
                    self.world.watermarks[self.flow_id, export.tally.of] = export.watermark

        return Result(tuple(export.tally for export in exports), exporter.write_manifests(), commit)


def plan(world: World, sandbox: Sandbox, run: Run, chain: Chain) -> DatasetWork:
    """Needs the world's lock. Raises :class:`LakeError`."""
    params = chain.flow.document["scheduleParams"]
    incremental = not schedule.is_full(params)
    datasets = []
    for item in chain.source.document["params"]["datasets"]:
        dataset_id = item["dataSetId"]
        if run.datasets is None or dataset_id in run.datasets:
            known = world.watermarks.get((chain.flow.id, dataset_id), {}) if incremental else {}
            datasets.append((dataset_id, world.lake.find(sandbox.name, dataset_id), known))
    job = Job(
        run.id,
        chain.target.id,
        chain.target.document["params"],
        params.get("foldernameTemplate"),
        chain.place(world, sandbox),
        run.created_at,
        world.settings.rows_per_part,
    )
    return DatasetWork(world, chain.flow.id, job, chain.base.document, datasets, incremental)
