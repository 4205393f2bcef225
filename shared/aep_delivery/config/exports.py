"""What must fit together between the sections of a config: destination, datasets or audiences, and their schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aep_delivery.config.advice import BLOCKS
from aep_delivery.config.audience_schedule import Frequency, broken_rules
from aep_delivery.config.audiences import Audience
from aep_delivery.config.base import Violation
from aep_delivery.config.destinations import (
    AdlsGen2Destination,
    CloudFiles,
    ExistingConnectionAuth,
)
from aep_delivery.config.filenames import check_generation

if TYPE_CHECKING:
    from aep_delivery.config.models import DeliveryConfig

_ROLE_READS = ("amazon-s3", "amazon-s3-first-generation", "data-landing-zone")


def broken_export_rules(config: DeliveryConfig) -> Iterator[Violation]:
    """Everything that two sections disagree on, in the order of the file."""
    yield from _of_sections(config)
    if config.datasets and config.audiences:
        return
    yield from _of_files(config)
    yield from _of_reading(config)
    if config.audiences and config.activation is not None:
        yield from _of_audiences(config)


def _of_sections(config: DeliveryConfig) -> Iterator[Violation]:
    if config.datasets and config.audiences:
        yield Violation(
            "config.datasets-and-audiences",
            "stands beside `datasets`, and a delivery exports one or the other",
            "Write two configs: they become two deliveries.",
            ("audiences",),
            at_name=True,
        )
        return
    if not config.datasets and not config.audiences:
        yield Violation(
            "config.missing-field",
            "neither `datasets` nor `audiences` says what is to be exported",
            f"Add `audiences:`, or for example:\n{BLOCKS['datasets']}",
        )
        return
    there = {"scheduleParams": config.schedule_params, "activation": config.activation}
    given = {"scheduleParams": "schedule_params", "activation": "activation"}
    if config.datasets:
        wanted, unwanted, kind = "scheduleParams", "activation", "datasets"
    else:
        wanted, unwanted, kind = "activation", "scheduleParams", "audiences"
    # That a section has no value is said of the section itself.
    if there[wanted] is None and given[wanted] not in config.model_fields_set:
        yield Violation(
            "config.missing-field",
            f"needs `{wanted}` beside it, which is missing",
            f"Add, for example:\n{BLOCKS[wanted]}",
            (kind,),
            at_name=True,
        )
    if there[unwanted] is not None:
        yield Violation(
            "config.section-mismatch", f"does not go with `{kind}`", "Remove it.", (unwanted,), at_name=True
        )


def _of_files(config: DeliveryConfig) -> Iterator[Violation]:
    destination = config.destination
    if not isinstance(destination, CloudFiles):
        if config.datasets:
            yield Violation(
                "config.audiences-only",
                f"`{destination.type}` takes audiences alone",
                "Export datasets to amazon-s3, azure-blob, adls-gen2, data-landing-zone, google-cloud-storage or sftp.",
                ("destination", "type"),
            )
        return
    wanted, there = (
        ("datasetFileType", destination.dataset_file_type) if config.datasets else ("fileType", destination.file_type)
    )
    if there is None and (config.datasets or config.audiences):
        other = "fileType" if config.datasets else "datasetFileType"
        stray = destination.file_type if config.datasets else destination.dataset_file_type
        kind = "datasets" if config.datasets else "audiences"
        if stray is not None:
            yield Violation(
                "config.file-type",
                f"does not go with `{kind}`",
                f"Write `{wanted}:` instead.",
                ("destination", other),
                at_name=True,
            )
        else:
            yield Violation(
                "config.missing-field",
                f"`{wanted}` is required with `{kind}`, but missing",
                f"Add `{wanted}: {'PARQUET' if config.datasets else 'CSV'}`.",
                ("destination",),
            )
    path = getattr(destination, "path", "")
    if config.datasets and "%" in path:
        yield Violation(
            "config.path-macro",
            "contains `%`, but macros in `path` work for audiences only",
            "Give plain folders here; dataset exports take macros in `scheduleParams.foldernameTemplate`.",
            ("destination", "path"),
        )


def _of_reading(config: DeliveryConfig) -> Iterator[Violation]:
    auth = config.destination.auth
    if isinstance(auth, ExistingConnectionAuth) and auth.secret is None and config.destination.type not in _ROLE_READS:
        yield Violation(
            "config.secret-to-read",
            "`secret` is required here, but missing: without it nothing that was delivered can be read back",
            "Add `secret: secret://` and the name of a secret of the form Adobe's own authentication has.",
            ("destination", "auth"),
        )


def _of_audiences(config: DeliveryConfig) -> Iterator[Violation]:
    activation = config.audience_activation
    first_generation = not isinstance(config.destination, CloudFiles)
    for index, audience in enumerate(config.audiences):
        yield from _of_audience(config, index, audience)
    template = activation.filename_template
    if template is not None and (violation := check_generation(template, first=first_generation)):
        yield _at(violation, ("activation", "filenameTemplate"))
    if first_generation:
        for index, attribute in enumerate(activation.attributes):
            if attribute.column is not None:
                yield Violation(
                    "config.column-fixed",
                    "cannot be chosen at this destination",
                    "Remove it: the column is named by the attribute's path.",
                    ("activation", "attributes", index, "column"),
                )


def _of_audience(config: DeliveryConfig, index: int, audience: Audience) -> Iterator[Violation]:
    activation = config.audience_activation
    mode = audience.export_mode or activation.export_mode
    schedule = audience.schedule or activation.schedule
    if mode is None or schedule is None:
        lacking = " nor ".join(
            f"`{name}`" for name, there in (("exportMode", mode), ("schedule", schedule)) if there is None
        )
        yield Violation(
            "config.missing-field",
            f"has no {lacking}, and `activation` has none for all",
            "Add what is missing to `activation` for all audiences, or here for this one.",
            ("audiences", index),
        )
        return
    # A schedule that all share is told once, unless the audience's own mode is what it does not go with.
    own = audience.schedule is not None or audience.export_mode is not None
    if own or index == _first_shared(config):
        place = ("audiences", index, "schedule") if audience.schedule is not None else ("activation", "schedule")
        for violation in broken_rules(mode, schedule):
            yield _at(violation, place)
        if schedule.frequency in (Frequency.WEEKLY, Frequency.MONTHLY) and isinstance(
            config.destination, AdlsGen2Destination
        ):
            yield Violation(
                "config.schedule-frequency",
                f"{schedule.frequency} is not offered for Azure Data Lake Storage Gen2",
                "Write DAILY or ONCE.",
                (*place, "frequency"),
            )
    template = audience.filename_template
    first_generation = not isinstance(config.destination, CloudFiles)
    if template is not None and (broken := check_generation(template, first=first_generation)):
        yield _at(broken, ("audiences", index, "filenameTemplate"))


def _first_shared(config: DeliveryConfig) -> int:
    shared = (i for i, item in enumerate(config.audiences) if item.schedule is None and item.export_mode is None)
    return next(shared, -1)


def _at(violation: Violation, place: tuple[str | int, ...]) -> Violation:
    return Violation(
        violation.code, violation.message, violation.hint, (*place, *violation.field), at_name=violation.at_name
    )
