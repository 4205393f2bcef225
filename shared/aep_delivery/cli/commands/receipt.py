"""``aep-delivery receipt``."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli import connection
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.kept_receipts import chosen_receipt, read_receipt
from aep_delivery.cli.known_delivery import Delivery, delivery_id_of
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.receipt.text import summary
from aep_delivery.workflow.services import Services


def receipt(
    delivery: Delivery,
    *,
    execution: Annotated[
        str | None,
        typer.Option("--execution", "-e", metavar="NAME", help="That of this execution instead of the latest one."),
    ] = None,
    html: Annotated[bool, typer.Option("--html", metavar=FLAG, help="The page instead of text.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there. The page for *.html.")
    ] = None,
    wants_browser: Annotated[
        bool, typer.Option("--open", metavar=FLAG, help="Write the page and open it in your browser.")
    ] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show the receipt of a delivery: as text, as JSON, or as the page.

    It comes from the work bucket as the workflow wrote it; nothing is checked again. The page is one file that needs
    no network.

    Exit codes:
      0  shown, whatever its verdict
      1  an error; there is no such receipt

    Examples:
      aep-delivery receipt prod/nyc-flights
      aep-delivery receipt flights.yaml --open
      aep-delivery receipt prod/nyc-flights --html --output receipt.html
      aep-delivery receipt flights.yaml -e flights-0123abcd --json | jq .run
    """
    page = html or wants_browser or (output is not None and output.suffix.lower() in (".html", ".htm"))
    if page and as_json:
        raise UserError("A receipt is shown either as a page or as JSON.", code="cli.usage", hint="Leave one out.")
    screen = Screen(as_json=as_json, debug=debug)
    services = connection.connect(stack).services
    folder = chosen_receipt(services, delivery_id_of(delivery), execution)
    text = _text(services, folder, page=page, as_json=as_json)
    if output is None and not wants_browser:
        if page or as_json:
            typer.echo(text, nl=False)
        else:
            screen.text(text)
        return Exit.OK
    written = _write(output, text)
    screen.document({"written": str(written)})
    screen.text(f"Written: {written}")
    if wants_browser and not webbrowser.open(written.resolve().as_uri()):
        screen.note("There is no browser to open it with.")
    return Exit.OK


def _text(services: Services, folder: str, *, page: bool, as_json: bool) -> str:
    if page:
        return services.documents.get(f"{folder}/receipt.html")
    found = read_receipt(services, folder)
    if as_json:
        return found.to_json()
    return f"{summary(found)}Receipt: s3://{services.settings.work_bucket}/{folder}/receipt.html\n"


def _write(path: Path | None, text: str) -> Path:
    """Write a file; where nobody has named one, among those that the system clears away."""
    if path is None:
        handle, name = tempfile.mkstemp(prefix="receipt-", suffix=".html")
        path = Path(name)
        os.close(handle)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"The receipt cannot be written: {error.strerror}.", code="cli.file-unwritable", place=str(path)
        ) from None
    return path
