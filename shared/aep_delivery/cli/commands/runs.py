"""``aep-delivery runs``."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.models import Run
from aep_delivery.adobe.run_status import ReportedStatus, reported_status, run_figures
from aep_delivery.cli import connection
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.kept_receipts import kept_receipts, read_receipt
from aep_delivery.cli.known_delivery import Delivery, delivery_id_of, unknown_delivery
from aep_delivery.cli.options import DEFAULT_STACK, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.cli.standing import standing
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from aep_delivery.verification.receipt.figures import duration, size
from aep_delivery.workflow.services import Services

_HEADER = ["RUN", "STATUS", "RECORDS", "FILES", "SIZE", "STARTED", "DURATION", "VERDICT"]
_RECEIPTS_A_RUN = 3
"""Receipts looked through for each run that is shown: some tell of deliveries that found no run, or failed before."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Judged(_Model):
    """What a receipt says of a run."""

    verdict: str
    execution: str
    receipt: str
    """``s3://`` URI."""


class ShownRun(_Model):
    """One run, in Adobe's figures; null where it does not report one."""

    id: str
    status: ReportedStatus
    records: int | None
    files: int | None
    bytes: int | None
    started_at: datetime | None
    completed_at: datetime | None
    errors: list[str]
    judged: Judged | None
    """Null where no delivery has awaited this run."""
    earlier: list[Judged] = []
    """Where it was verified anew: what was said before, newest first, the delivery's own verdict last."""


class RunsDocument(_Model):
    """What ``--json`` prints."""

    delivery_id: str
    dataflow_id: str
    runs: list[ShownRun]


def runs(
    delivery: Delivery,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=1000, metavar="N", help="How many, newest first.")
    ] = 10,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show the last runs of a delivery's dataflow, as Adobe reports them.

    Beside each stands the verdict of its receipt, where a delivery has awaited that run: Adobe's SUCCESS says that it
    has written, the verdict whether all of it arrived. Where it was verified anew, both verdicts are shown.

    Exit codes:
      0  shown, also where there are none yet
      1  an error

    Examples:
      aep-delivery runs prod/nyc-flights
      aep-delivery runs flights.yaml --limit 50
      aep-delivery runs prod/nyc-flights --json | jq -r '.runs[0].judged.verdict'
    """
    screen = Screen(as_json=as_json, debug=debug)
    services = connection.connect(stack).services
    delivery_id = delivery_id_of(delivery)
    flow_id = _dataflow(services, delivery_id)
    with screen.busy("Asking Adobe for its runs ..."):
        found = services.flow_service(delivery_id.partition("/")[0]).runs(flow_id)[:limit]
        judged = _judged(services, delivery_id, {run.id for run in found})
    document = RunsDocument(
        delivery_id=delivery_id, dataflow_id=flow_id, runs=[_shown(run, judged.get(run.id, [])) for run in found]
    )
    _show(screen, document)
    screen.document(document)
    return Exit.OK


def _dataflow(services: Services, delivery_id: str) -> str:
    entry = services.store.read_journal(delivery_id).get(ResourceKind.DATAFLOW)
    if entry is not None and entry.done is not None:
        return entry.done.resource_id
    if not standing(services.store, delivery_id).is_known:
        raise unknown_delivery(services.store, delivery_id)
    raise UserError(
        f"The delivery {delivery_id} has no dataflow in Adobe, so it has no runs.",
        code="cli.no-dataflow",
        hint=f"`aep-delivery status {delivery_id}` tells how far it got.",
    )


def _judged(services: Services, delivery_id: str, wanted: set[str]) -> dict[str, list[Judged]]:
    """By run, what the receipts say that tell of it, newest first: down to that of the delivery that awaited it."""
    found: dict[str, list[Judged]] = {}
    settled: set[str] = set()
    bucket = services.settings.work_bucket
    for kept in islice(kept_receipts(services, delivery_id), _RECEIPTS_A_RUN * len(wanted)):
        if wanted <= settled:
            break
        receipt = read_receipt(services, kept.folder)
        for run_id in set(receipt.run.run_ids if receipt.run else []) - settled:
            uri = f"s3://{bucket}/{kept.folder}/receipt.json"
            judged = Judged(verdict=str(receipt.verdict), execution=kept.execution, receipt=uri)
            found.setdefault(run_id, []).append(judged)
            if not kept.verified_again:
                settled.add(run_id)
    return found


def _shown(run: Run, judged: list[Judged]) -> ShownRun:
    figures = run_figures(run)
    return ShownRun(
        id=run.id,
        status=reported_status(run),
        records=figures.records,
        files=figures.files,
        bytes=figures.bytes,
        started_at=figures.started or run.created,
        completed_at=figures.completed,
        errors=figures.errors,
        judged=judged[0] if judged else None,
        earlier=judged[1:],
    )


def _show(screen: Screen, document: RunsDocument) -> None:
    if not document.runs:
        screen.text(f"The dataflow {document.dataflow_id} has not run yet.")
        return
    screen.table(_HEADER, [_row(run) for run in document.runs])
    troubles = [(run.id, error) for run in document.runs for error in run.errors]
    if troubles:
        screen.text("")
    for run_id, error in troubles:
        screen.text(f"! {run_id}: {error}", style="red")


def _row(run: ShownRun) -> list[str]:
    took = run.completed_at - run.started_at if run.completed_at and run.started_at else None
    return [
        run.id,
        run.status.value,
        _count(run.records),
        _count(run.files),
        size(run.bytes) if run.bytes is not None else "-",
        f"{run.started_at:%Y-%m-%d %H:%M} UTC" if run.started_at else "-",
        duration(took) if took is not None else "-",
        _verdict(run),
    ]


def _verdict(run: ShownRun) -> str:
    if run.judged is None:
        return "-"
    if not run.earlier:
        return run.judged.verdict
    before = run.earlier[-1].verdict
    return f"{run.judged.verdict} ({'again' if before == run.judged.verdict else f'was {before}'})"


def _count(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
