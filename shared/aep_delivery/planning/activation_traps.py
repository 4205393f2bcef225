"""Adobe's traps for audiences that are settled by what the config says, told before anything happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from aep_delivery.config.audience_schedule import Frequency
from aep_delivery.config.destinations import (
    CloudFiles,
    OracleEloquaDestination,
    OracleResponsysDestination,
    SalesforceMarketingCloudDestination,
)
from aep_delivery.config.filenames import has_time
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.schedule import ExportMode
from aep_delivery.planning.audiences import AudienceToExport
from aep_delivery.planning.plan import ActivationAction, ActivationSubject, PlannedActivation, PlanWarning, Severity

MANY_AUDIENCES = 250
"""Of one destination (Adobe: Guardrails for data activation; a soft limit)."""
MANY_ATTRIBUTES = 50
"""Of one destination (as above)."""
_GUARDRAILS = "Adobe: Default guardrails for data activation"
_ACTIVATE_UI = "Adobe: Activate audiences to file-based destinations"
_BATCH_API = "Adobe: Connect to batch destinations and activate audiences by API"
_AD_HOC = "Adobe: Ad-hoc activation API"
_RARE = {Frequency.WEEKLY, Frequency.MONTHLY}
_MARKETING = (OracleEloquaDestination, OracleResponsysDestination, SalesforceMarketingCloudDestination)


def activation_traps(
    config: DeliveryConfig, audiences: Sequence[AudienceToExport], planned: PlannedActivation
) -> Iterator[PlanWarning]:
    """What the reader should know of an activation, most important first.

    Args:
        config: Of a delivery of audiences.
        audiences: Its audiences.
        planned: What would change on the dataflow.
    """
    yield from _of_place(config)
    yield from _of_files(audiences)
    yield from _of_columns(config, audiences)
    yield from _of_schedules(config, audiences)
    yield from _of_numbers(config, audiences, planned)
    added = any(
        change.subject is ActivationSubject.AUDIENCE and change.action is ActivationAction.ADD
        for change in planned.changes
    )
    if config.run.trigger == "NOW" and added:
        yield _info(
            "run.not-ready-for-an-hour",
            "An audience can be exported by hand an hour after it was put on a dataflow; the delivery waits for that.",
            _AD_HOC,
        )


def _of_place(config: DeliveryConfig) -> Iterator[PlanWarning]:
    destination = config.destination
    if isinstance(destination, _MARKETING) and destination.effective_mode == "S3":
        yield _warn(
            "destination.mode-undocumented",
            "Mode S3 goes with SFTP credentials in Adobe's tutorials alone; where the files land is not documented.",
            _BATCH_API,
        )


def _of_files(audiences: Sequence[AudienceToExport]) -> Iterator[PlanWarning]:
    static = [one for one in audiences if one.filename_template is not None and not has_time(one.filename_template)]
    if static:
        yield _warn(
            "filename.same-every-time",
            f"The file name of {_named(static)} has no time: each export overwrites the one before.",
            _ACTIVATE_UI,
        )


def _of_columns(config: DeliveryConfig, audiences: Sequence[AudienceToExport]) -> Iterator[PlanWarning]:
    activation = config.audience_activation
    if not activation.primary_fields:
        yield _warn(
            "activation.no-deduplication-key",
            "There is no deduplication key: Adobe may export a person more than once.",
            _ACTIVATE_UI,
        )
    incremental = any(one.export_mode is ExportMode.FIRST_FULL_THEN_INCREMENTAL for one in audiences)
    if incremental and not any(one.source.startswith("segmentMembership") for one in activation.attributes):
        yield _info(
            "activation.exited-members-left-out",
            "Incremental files hold active members only; who has left is in them once segmentMembership.status is "
            "among the attributes.",
            _ACTIVATE_UI,
        )


def _of_schedules(config: DeliveryConfig, audiences: Sequence[AudienceToExport]) -> Iterator[PlanWarning]:
    rare = [one for one in audiences if one.schedule["frequency"] in _RARE]
    if rare and not isinstance(config.destination, CloudFiles):
        frequencies = " and ".join(sorted({str(one.schedule["frequency"]) for one in rare}))
        yield _warn(
            "activation.frequency-not-offered",
            f"{frequencies} is in Adobe's tutorial for this destination, but its user interface does not offer it.",
            _BATCH_API,
        )


def _of_numbers(
    config: DeliveryConfig, audiences: Sequence[AudienceToExport], planned: PlannedActivation
) -> Iterator[PlanWarning]:
    count = len(audiences) + len(planned.left_alone)
    if count > MANY_AUDIENCES:
        yield _warn(
            "activation.many-audiences",
            f"The dataflow has {count} audiences; Adobe recommends {MANY_AUDIENCES} at most.",
            _GUARDRAILS,
        )
    attributes = len(config.audience_activation.attributes)
    if attributes > MANY_ATTRIBUTES:
        yield _warn(
            "activation.many-attributes",
            f"{attributes} attributes are exported; Adobe recommends {MANY_ATTRIBUTES} at most.",
            _GUARDRAILS,
        )


def _named(audiences: Sequence[AudienceToExport]) -> str:
    return audiences[0].name if len(audiences) == 1 else f"{len(audiences)} audiences"


def _warn(code: str, message: str, source: str) -> PlanWarning:
    return PlanWarning(code=code, message=message, source=source)


def _info(code: str, message: str, source: str) -> PlanWarning:
    return PlanWarning(code=code, severity=Severity.INFO, message=message, source=source)
