"""Adobe's traps that are settled by what the config says, told before anything happens."""

from __future__ import annotations

from collections.abc import Iterator

from aep_delivery.config.destinations import CloudFiles, Compression, DatasetFileType
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import PlannedAction, PlannedResource, PlanWarning, Severity

MAX_DESTINATIONS = 100
"""Destinations in one sandbox (Adobe: Guardrails for data activation; a hard limit)."""
NEARLY_ALL = 90
_EXPORT_API = "Adobe: Export datasets by using the Flow Service API"
_EXPORT_UI = "Adobe: Export datasets to cloud storage destinations"
_GUARDRAILS = "Adobe: Default guardrails for data activation"
_AD_HOC = "Adobe: Ad-hoc activation API"
_ENCRYPTION = "Adobe: File-based destinations, encryption"
_TIME_MACROS = ("%DATETIME(", "%EXPORT_TIME%")
_DATASET_MACROS = ("%DATASET_ID%", "%DATASET_NAME%")


def plan_traps(config: DeliveryConfig, dataflow: PlannedResource, source: PlannedResource) -> Iterator[PlanWarning]:
    """What the reader should know of this config, in the order of its sections.

    Args:
        config: Of a delivery of datasets.
        dataflow: What is planned for the dataflow.
        source: What is planned for the source connection.
    """
    yield from _files(config)
    yield from _folders(config)
    if source.id is None:
        yield _warn(
            "dataset.events-of-a-year",
            "Of datasets with experience events Adobe exports the last 365 days alone.",
            _EXPORT_UI,
            Severity.INFO,
        )
    if config.run.trigger == "NOW" and dataflow.id is None:
        yield _warn(
            "run.not-ready-at-once",
            "A new dataflow takes five to ten minutes until Adobe lets it run by hand; the delivery waits for that.",
            _AD_HOC,
            Severity.INFO,
        )


def destination_traps(config: DeliveryConfig, destinations: int | None) -> Iterator[PlanWarning]:
    """What the reader should know, whatever is exported.

    Args:
        config: What is wanted.
        destinations: How many destinations the sandbox has; None where none is to be made.
    """
    if isinstance(config.destination, CloudFiles) and config.destination.encryption is not None:
        yield _warn(
            "destination.encrypted",
            "The files are encrypted: verification can prove that they are all there, whole and of the reported size, "
            "and cannot count the rows in them.",
            _ENCRYPTION,
        )
    if destinations is not None and destinations >= NEARLY_ALL:
        yield _warn(
            "sandbox.nearly-full",
            f"The sandbox has {destinations} destinations; Adobe allows {MAX_DESTINATIONS}.",
            _GUARDRAILS,
        )


def _files(config: DeliveryConfig) -> Iterator[PlanWarning]:
    destination = config.destination
    if not isinstance(destination, CloudFiles) or destination.compression is not Compression.NONE:
        return
    if destination.dataset_file_type is DatasetFileType.JSON:
        yield _warn(
            "destination.uncompressed-json",
            "JSON without compression is no longer in Adobe's documentation; the export may fail.",
            _EXPORT_API,
        )
    else:
        yield _warn(
            "destination.uncompressed-limit",
            "Uncompressed Parquet is for datasets below 1,000,000 records; of larger ones the export fails.",
            _EXPORT_UI,
        )


def _folders(config: DeliveryConfig) -> Iterator[PlanWarning]:
    schedule = config.dataset_schedule
    template = schedule.foldername_template
    if template is None:
        return
    if schedule.interval != 0 and not any(macro in template for macro in _TIME_MACROS):
        yield _warn(
            "folder.same-every-time",
            "The folder template has no time: every export goes into the same folder, among the files of earlier ones.",
            _EXPORT_API,
        )
    if len(config.datasets) > 1 and not any(macro in template for macro in _DATASET_MACROS):
        yield _warn(
            "folder.datasets-mixed",
            "The folder template has no dataset: the files of all datasets go into one folder, and none tells whose "
            "it is.",
            _EXPORT_API,
        )


def _warn(code: str, message: str, source: str, severity: Severity = Severity.WARNING) -> PlanWarning:
    return PlanWarning(code=code, severity=severity, message=message, source=source)


def counts_as_new_destination(base: PlannedResource) -> bool:
    """Whether applying would make a further destination in the sandbox."""
    return base.action in (PlannedAction.CREATE, PlannedAction.REPLACE)
