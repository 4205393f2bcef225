"""``aep-delivery drift``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from aep_delivery.cli import connection
from aep_delivery.cli.completing import deliveries
from aep_delivery.cli.exits import Exit, UserInterruptError
from aep_delivery.cli.interruption import interruptible
from aep_delivery.cli.known_delivery import delivery_id_of, unknown_delivery
from aep_delivery.cli.local import execution_name
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.events.base import EventError
from aep_delivery.runtime.errors import DeliveryError, UserError
from aep_delivery.state.store import StateStore
from aep_delivery.workflow.drift_check import check_drift
from aep_delivery.workflow.drift_messages import DriftReport
from aep_delivery.workflow.services import Services

RepairIf = Callable[[DriftReport], bool]


def drift(
    delivery: Annotated[
        str | None,
        typer.Argument(metavar="DELIVERY", help="sandbox/name, or the config's file.", autocompletion=deliveries),
    ] = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", metavar=FLAG, help="Restore what was applied.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", metavar=FLAG, help="Do not ask.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show what somebody has changed in Adobe since it was applied.

    Each delivery is compared with the config that was last applied, not with the file as it is now; `plan` does that.
    Only --repair changes anything, and only what was shown, whatever `drift` in the config says.

    A delivery is locked while it is compared; one that is being worked on is skipped.

    Exit codes:
      0  all is as applied, or was repaired
      1  an error, or you said no
      2  something is not as applied

    Examples:
      aep-delivery drift
      aep-delivery drift prod/nyc-flights --repair
      aep-delivery drift --json | jq '.deliveries[] | select(.resources != [])'
    """
    screen = Screen(as_json=as_json, debug=debug)
    services = connection.connect(stack).services
    watch = _Watch(services, screen)
    chosen = _chosen(services.store, delivery)
    reports = watch.look_at_all(chosen, raises=delivery is not None)
    drifted = [report for report in reports if report.resources]
    if repair and drifted:
        if not yes:
            _ask(screen)
        repaired = {report.delivery_id: watch.repair(report, raises=delivery is not None) for report in drifted}
        reports = [repaired.get(report.delivery_id, report) for report in reports]
    if delivery is None:
        screen.document({"deliveries": [report.model_dump(mode="json", by_alias=True) for report in reports]})
        if not reports:
            screen.text("There are no deliveries yet.")
    else:
        screen.document(reports[0])
    return _exit(reports)


class _Watch:
    """Looks at deliveries one by one, and shows each."""

    def __init__(self, services: Services, screen: Screen) -> None:
        self._services = services
        self._screen = screen

    def look_at_all(self, delivery_ids: list[str], *, raises: bool) -> list[DriftReport]:
        reports = []
        with self._screen.busy("Comparing with Adobe ...", total=len(delivery_ids)) as busy:
            for delivery_id in delivery_ids:
                busy.tell(f"Comparing {delivery_id} with Adobe ...")
                reports.append(self._check(delivery_id, lambda _: False, raises=raises))
                for line in _lines(reports[-1]):
                    self._screen.text(line)
                busy.advance()
        return reports

    def repair(self, shown: DriftReport, *, raises: bool) -> DriftReport:
        """Restore exactly what was shown."""
        with self._screen.busy(f"Repairing {shown.delivery_id} ..."):
            report = self._check(shown.delivery_id, lambda now: now.resources == shown.resources, raises=raises)
        self._screen.text(_ended(report))
        return report

    def _check(self, delivery_id: str, repair_if: RepairIf, *, raises: bool) -> DriftReport:
        execution = execution_name()
        try:
            with interruptible():
                return check_drift(delivery_id, execution, self._services, repair_if)
        except DeliveryError as error:
            if raises or isinstance(error, UserInterruptError):
                raise
            return DriftReport(delivery_id=delivery_id, error=EventError.of(error.document()))
        except KeyboardInterrupt:
            # It may have come between the lock being taken and anybody minding it. Harmless otherwise.
            self._services.store.release_lock(delivery_id, execution)
            raise UserInterruptError("Interrupted; the lock is given back.", code="cli.interrupted") from None


def _chosen(store: StateStore, delivery: str | None) -> list[str]:
    known = sorted(store.deliveries())
    if delivery is None:
        return known
    delivery_id = delivery_id_of(delivery)
    if delivery_id not in known:
        raise unknown_delivery(store, delivery_id)
    return [delivery_id]


def _exit(reports: list[DriftReport]) -> Exit:
    if any(report.error for report in reports):
        return Exit.ERROR
    return Exit.CHANGES if any(report.resources and not report.repaired for report in reports) else Exit.OK


def _lines(report: DriftReport) -> Iterator[str]:
    if report.error is not None:
        yield f"{report.delivery_id}  not compared: {report.error.message} [{report.error.code}]"
    elif report.skipped is not None:
        yield f"{report.delivery_id}  skipped: {report.skipped}"
    elif not report.resources:
        yield f"{report.delivery_id}  as applied"
    else:
        yield f"{report.delivery_id}  not as applied"
    for resource in report.resources:
        yield f"  {resource.drift:<8} {resource.kind:<17} {resource.name}" + (
            f" ({resource.id})" if resource.id else ""
        )
        for change in resource.changes:
            yield f"        {change.path}: {change.before!r}, applied was {change.after!r}"


def _ended(report: DriftReport) -> str:
    if report.repaired or not (report.error or report.skipped or report.resources):
        return f"{report.delivery_id}  is again as applied"
    if report.error is not None:
        return f"{report.delivery_id}  not repaired: {report.error.message} [{report.error.code}]"
    return f"{report.delivery_id}  not repaired: {report.skipped or 'it has changed again since it was shown.'}"


def _ask(screen: Screen) -> None:
    if not screen.asks:
        raise UserError(
            "There is drift, and nobody to ask whether to repair it.",
            code="cli.not-confirmed",
            hint="--yes repairs without asking.",
        )
    if not typer.confirm("Restore what was applied?"):
        raise UserError("Not repaired: you said no.", code="cli.not-confirmed")
