"""``aep-delivery status``."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli import connection, status_page
from aep_delivery.cli.completing import deliveries
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.known_delivery import delivery_id_of, unknown_delivery
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.cli.standing import HeldLock, Latest, Remembered, Standing, standing, standings
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.store import StateStore
from aep_delivery.verification.receipt.figures import plural, size

_HEADER = ["DELIVERY", "LATEST", "FINISHED", "ROWS", "RESOURCES", "LOCKED BY"]


def status(
    delivery: Annotated[
        str | None,
        typer.Argument(metavar="DELIVERY", help="sandbox/name, or the config's file.", autocompletion=deliveries),
    ] = None,
    *,
    page: Annotated[
        bool, typer.Option("--page", metavar=FLAG, help="Print a link to the status page; it works for ten minutes.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write the status page there instead.")
    ] = None,
    wants_browser: Annotated[
        bool, typer.Option("--open", metavar=FLAG, help="Open the link, or what was saved, in your browser.")
    ] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show how deliveries stand.

    Who is at work on them, what was made in Adobe, how the latest one ended, and where its receipt is. That is what
    the installation remembers; Adobe is not asked.

    Exit codes:
      0  shown, whatever the verdict
      1  an error; nothing is known of the delivery; there is no page yet

    Examples:
      aep-delivery status
      aep-delivery status prod/nyc-flights
      aep-delivery status --page --open
      aep-delivery status flights.yaml --json | jq -r .latest.receipt
    """
    screen = Screen(as_json=as_json, debug=debug)
    if page or save or wants_browser:
        if delivery is not None:
            raise UserError(
                "The status page is one for all deliveries.", code="cli.usage", hint=f"Leave out {delivery}."
            )
        _page(connection.connect(stack), save, screen, wants_browser=wants_browser)
        return Exit.OK
    store = connection.connect(stack).services.store
    if delivery is None:
        _all(list(standings(store)), screen)
    else:
        _one(_known(store, delivery), screen)
    return Exit.OK


def _page(connected: connection.Connection, save: Path | None, screen: Screen, *, wants_browser: bool) -> None:
    text = status_page.page(connected.services)
    if save is not None:
        status_page.save(save, text)
        address = save.resolve().as_uri()
        screen.document({"written": str(save)})
        screen.text(f"Written: {save}")
    else:
        address = status_page.link(connected.settings.work_bucket)
        screen.document({"page": address, "seconds": status_page.SECONDS})
        screen.text(address)
    if wants_browser and not webbrowser.open(address):
        screen.note("There is no browser to open it with.")


def _known(store: StateStore, delivery: str) -> Standing:
    delivery_id = delivery_id_of(delivery)
    found = standing(store, delivery_id)
    if not found.is_known:
        raise unknown_delivery(store, delivery_id)
    return found


def _all(found: list[Standing], screen: Screen) -> None:
    screen.document({"deliveries": [one.model_dump(mode="json", by_alias=True) for one in found]})
    if found:
        screen.table(_HEADER, [_row(one) for one in found])
    else:
        screen.text("There are no deliveries yet. Begin with `aep-delivery plan FILE`.")


def _row(one: Standing) -> list[str]:
    latest = one.latest
    return [
        one.delivery_id,
        latest.verdict if latest else "-",
        _time(latest.finished_at) if latest else "-",
        f"{latest.rows:,}" if latest and latest.rows is not None else "-",
        f"{one.made} of {one.expected}",
        one.lock.execution if one.lock else "-",
    ]


def _one(one: Standing, screen: Screen) -> None:
    screen.document(one)
    for line in _lines(one):
        screen.text(line)


def _lines(one: Standing) -> Iterator[str]:
    yield one.delivery_id
    yield f"  lock     {_lock(one.lock)}"
    yield f"  latest   {_latest(one.latest)}"
    if one.latest and one.latest.receipt:
        yield f"  receipt  {one.latest.receipt}"
    yield ""
    if not one.resources:
        yield "  Nothing was made in Adobe."
    for resource in one.resources:
        yield f"  {resource.kind:<18} {_confirmed(resource)}"
        if resource.pending is not None:
            yield f"  {'':<18} {resource.pending.action} sent {_time(resource.pending.sent_at)}, its outcome is unknown"
        for old in resource.superseded:
            yield f"  {'':<18} {old} is replaced and still to be removed"


def _confirmed(resource: Remembered) -> str:
    if resource.id is None or resource.confirmed_at is None:
        return "not made yet"
    return f"{resource.id}  {resource.action} {_time(resource.confirmed_at)}"


def _lock(held: HeldLock | None) -> str:
    return f"{held.execution} since {_time(held.since)}, until {_time(held.until)} at the latest" if held else "free"


def _latest(latest: Latest | None) -> str:
    if latest is None:
        return "never delivered"
    figures = [
        plural(latest.rows, "row") if latest.rows is not None else "",
        plural(latest.files, "file") if latest.files is not None else "",
        size(latest.bytes) if latest.bytes is not None else "",
    ]
    return "  ".join(filter(None, [latest.verdict, _time(latest.finished_at), ", ".join(filter(None, figures))]))


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
