"""``aep-delivery remove``."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.applying.owned import OwnedResource, Sandbox
from aep_delivery.cli import connection
from aep_delivery.cli.completing import delivery_names
from aep_delivery.cli.exits import Exit, UserInterruptError
from aep_delivery.cli.interruption import interruptible
from aep_delivery.cli.local import execution_name
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.cli.standing import standing
from aep_delivery.events.details import RemovedResource
from aep_delivery.runtime.errors import DeliveryError, UserError
from aep_delivery.workflow.exported_files import DeliveredFiles
from aep_delivery.workflow.removal_messages import Removal
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.remove_delivery import remove_delivery


class RemovedDocument(BaseModel):
    """What ``--json`` prints."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    delivery_id: str
    execution: str | None
    """None where there was nothing to do."""
    resources: list[RemovedResource]
    """What is gone from Adobe."""
    record: str | None
    """URI of what is kept of the removal."""
    deleted_files: int | None = None
    """None where it was not asked for."""
    left_files: int | None = None
    """How many objects in the same folders are no export's; None where deleting was not asked for."""


def remove(
    delivery: Annotated[
        str,
        typer.Argument(metavar="DELIVERY", help="sandbox/name, both as in the config.", autocompletion=delivery_names),
    ],
    *,
    delete_files: Annotated[
        bool, typer.Option("--delete-files", metavar=FLAG, help="Delete its exported files too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", metavar=FLAG, help="Do not ask.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Take a delivery out of Adobe. Exported files stay, unless you say --delete-files.

    What would be removed is shown, and you are asked. Only what carries the delivery's owner marker and stands in its
    journal is removed; where the two disagree, or something else uses it, nothing is touched.

    The delivery is locked meanwhile. Ctrl-C gives the lock back; to remove again goes on where this one ended.

    Exit codes:
      0  nothing of it is in Adobe any more
      1  an error, or you said no

    Examples:
      aep-delivery remove prod/nyc-flights
      aep-delivery remove prod/nyc-flights --yes --json
      aep-delivery remove prod/nyc-flights --delete-files
    """
    screen = Screen(as_json=as_json, debug=debug)
    installation = connection.connect(stack)
    with screen.busy("Looking at what it owns ..."):
        owned, is_remembered = _owned(installation.services, delivery, owner=installation.settings.owner)
    files = DeliveredFiles(delivery, installation.services) if delete_files else None
    if not owned and not is_remembered and files is None:
        screen.text(f"Nothing of {delivery} is left in Adobe.")
        screen.document(RemovedDocument(delivery_id=delivery, execution=None, resources=[], record=None))
        return Exit.OK
    screen.text(f"To be removed with {delivery}:")
    _list(screen, owned)
    if files:
        _list_files(screen, files)
    else:
        screen.text("Exported files stay where they are.")
    if not yes:
        _ask(
            screen,
            "Remove all of this from Adobe, and delete the files?" if files else "Remove all of this from Adobe?",
        )
    if files:
        files.keep_in_mind()
    removal = _carry_out(delivery, installation.services, screen)
    screen.text("")
    if files:
        deleted, left = _delete(screen, files)
        screen.text(f"{len(removal.resources)} resources are gone from Adobe with {delivery}.", style="green")
        screen.text(f"{deleted:,} files are deleted, {left:,} others are left.", style="green")
    else:
        deleted, left = None, None
        screen.text(removal.reason, style="green")
    screen.text("Take its config out of the config bucket too, or the next request makes it anew.")
    screen.document(
        RemovedDocument(
            delivery_id=delivery,
            execution=removal.execution,
            resources=removal.resources,
            record=removal.record,
            deleted_files=deleted,
            left_files=left,
        )
    )
    return Exit.OK


def _owned(services: Services, delivery_id: str, *, owner: str) -> tuple[list[OwnedResource], bool]:
    """What it owns, users before what they use, and whether the journal has anything to forget."""
    known = standing(services.store, delivery_id)
    if not known.is_known:
        close = get_close_matches(delivery_id, list(services.store.deliveries()), n=1)
        raise UserError(
            f"Nothing is known of a delivery {delivery_id}.",
            code="cli.delivery-unknown",
            hint=f"Did you mean {close[0]}?" if close else "`aep-delivery status` lists all that are known.",
        )
    sandbox = Sandbox(
        services.flow_service(delivery_id.partition("/")[0]),
        services.store.read_journal(delivery_id),
        owner=owner,
        delivery_id=delivery_id,
    )
    sandbox.refuse_foreign()
    return sandbox.owned(), bool(known.resources)


def _carry_out(delivery_id: str, services: Services, screen: Screen) -> Removal:
    execution = execution_name()
    try:
        with interruptible(), screen.busy("Removing ..."):
            return remove_delivery(delivery_id, execution, services)
    except KeyboardInterrupt:
        # It may have come between the lock being taken and remove_delivery() minding it. Harmless otherwise.
        services.store.release_lock(delivery_id, execution)
        raise UserInterruptError(
            "Interrupted; the lock is given back.", code="cli.interrupted", hint="Remove again to go on."
        ) from None


def _list(screen: Screen, resources: Sequence[OwnedResource]) -> None:
    for resource in resources:
        name = resource.name or "(gone from Adobe already)"
        screen.text(f"  - {resource.kind:<17} {name} ({resource.id})", style="red")


def _list_files(screen: Screen, files: DeliveredFiles) -> None:
    with screen.busy("Looking for its files ..."):
        found = files.find()
    screen.text(f"  - {len(found.own):,} files, {found.size:,} bytes, in", style="red")
    for folder in files.folders:
        screen.text(f"      {folder}", style="red")
    if found.left:
        screen.text(f"{found.left:,} other files in these folders stay: no export names them so.")


def _delete(screen: Screen, files: DeliveredFiles) -> tuple[int, int]:
    try:
        with screen.busy("Deleting its files ..."):
            return files.delete()
    except DeliveryError as error:
        error.details += [
            "The delivery is gone from Adobe; its files are still there:",
            *files.folders,
            "Once the reason is mended, remove again with --delete-files: it goes on here.",
        ]
        raise


def _ask(screen: Screen, question: str) -> None:
    if not screen.asks:
        raise UserError(
            "There is something to remove, and nobody to ask whether to do it.",
            code="cli.not-confirmed",
            hint="--yes removes without asking.",
        )
    if not typer.confirm(question):
        raise UserError("Not removed: you said no.", code="cli.not-confirmed")
