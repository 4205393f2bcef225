"""``aep-delivery run``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.cli import connection
from aep_delivery.cli.config_file import config_to_send
from aep_delivery.cli.exits import Exit, UserInterruptError
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, ConfigFile, Debug, Json, Stack
from aep_delivery.cli.remote import Started, follow, request_delivery
from aep_delivery.cli.screen import Screen
from aep_delivery.events.inbound import CONFIG_SUFFIXES
from aep_delivery.runtime.errors import ErrorDocument, InternalError, UserError
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.text import summary
from aep_delivery.workflow.documents import folder_of
from aep_delivery.workflow.services import Services


class Delivered(BaseModel):
    """What ``--follow --json`` prints where the delivery has a verdict."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    delivery_id: str
    execution: str
    execution_arn: str
    verdict: str
    good: bool
    reason: str
    receipt: str
    receipt_page: str


def run(
    file: ConfigFile,
    *,
    now: Annotated[
        bool,
        typer.Option(
            "--now", metavar=FLAG, help="Ask Adobe for a run at once, whatever run.trigger says in the config."
        ),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--follow", "--wait", "-f", metavar=FLAG, help="Wait for the end, and judge by the verdict.")
    ] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Deliver once, through the installed workflow.

    The workflow applies the config, awaits the run, verifies the files and writes the receipt. The config is uploaded
    beside those that the schedule delivers, and replaces none of them. Ctrl-C ends the following, not the delivery.

    Exit codes:
      0  started; with --follow: verified, or rightly empty
      1  the delivery failed
      3  with --follow: the files are not all there and whole

    Examples:
      aep-delivery run flights.yaml
      aep-delivery run flights.yaml --now --follow && ./load-the-warehouse
    """
    screen = Screen(as_json=as_json, debug=debug)
    if file.suffix.lower() not in CONFIG_SUFFIXES:
        raise UserError(
            f"A config's name ends in {', '.join(CONFIG_SUFFIXES)}.", code="cli.not-a-config", place=str(file)
        )
    config, body = config_to_send(file)
    installation = connection.connect(stack)
    services = installation.services
    started = request_delivery(installation, config.delivery_id, file.name, body, at=services.clock.now(), now=now)
    screen.text(f"Asked for {started.delivery_id}: {started.execution}")
    if not wait:
        screen.document(started)
        screen.text(f"`aep-delivery status {started.delivery_id}` tells how it stands.")
        return Exit.OK
    try:
        ended = _watch(screen, started, services)
    except KeyboardInterrupt:
        raise UserInterruptError(
            "No longer following; the delivery goes on.",
            code="cli.interrupted",
            place=started.execution_arn,
            hint=f"aep-delivery status {started.delivery_id}",
        ) from None
    return _judge(screen, started, ended, services)


def _watch(screen: Screen, started: Started, services: Services) -> dict[str, Any]:
    """Show each step as it begins."""
    with screen.busy("Waiting for it to begin; Ctrl-C ends the waiting, not the delivery") as busy:

        def entered(state: str) -> None:
            screen.text(f"  {state}", style="dim")
            busy.tell(f"{state}; Ctrl-C ends the waiting, not the delivery")

        return follow(started, services.clock, entered)


def _judge(screen: Screen, started: Started, ended: dict[str, Any], services: Services) -> int:
    folder = folder_of(started.delivery_id, started.execution)
    try:
        receipt = Receipt.from_json(services.documents.get(f"{folder}/receipt.json"))
    except InternalError:
        screen.failure(_without_receipt(started, ended))
        return Exit.ERROR
    uri = f"s3://{services.settings.work_bucket}/{folder}/receipt"
    if receipt.failure is not None:
        screen.failure(
            receipt.failure.model_copy(update={"details": [*receipt.failure.details, f"Receipt: {uri}.html"]})
        )
        return Exit.ERROR
    screen.text("")
    screen.text(summary(receipt))
    screen.text(f"Receipt: {uri}.html")
    screen.document(
        Delivered(
            delivery_id=started.delivery_id,
            execution=started.execution,
            execution_arn=started.execution_arn,
            verdict=str(receipt.verdict),
            good=receipt.is_good,
            reason=receipt.reason,
            receipt=f"{uri}.json",
            receipt_page=f"{uri}.html",
        )
    )
    return Exit.OK if receipt.is_good else Exit.NOT_VERIFIED


def _without_receipt(started: Started, ended: dict[str, Any]) -> ErrorDocument:
    """For a delivery that ended before it was known, or was stopped in the console."""
    return ErrorDocument(
        error=InternalError.__name__,
        code=ended.get("error") or f"execution.{ended['status'].lower().replace('_', '-')}",
        message=ended.get("cause") or f"The execution ended as {ended['status']}.",
        place=started.execution_arn,
    )
