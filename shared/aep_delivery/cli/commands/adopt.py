"""``aep-delivery adopt``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.data_prep import DataPrep
from aep_delivery.cli import connection
from aep_delivery.cli.adopted_file import write_adopted
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.new_file import SCHEMA_FILE
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.planning.adopting import Adoptable, NotAdoptable, find_adoptable


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class WrittenConfig(_Model):
    """A file that was written."""

    file: str
    delivery_id: str
    dataflow_id: str
    dataflow_name: str


class LeftAlone(_Model):
    """A dataflow that no file was written for."""

    dataflow_id: str
    dataflow_name: str
    reason: str


class AdoptDocument(_Model):
    """What ``--json`` prints."""

    sandbox: str
    written: list[WrittenConfig]
    left_alone: list[LeftAlone]


def adopt(
    *,
    sandbox: Annotated[str, typer.Option("--sandbox", metavar="NAME", help="The sandbox to read.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the files go. Made where it is missing.")
    ] = Path(),
    matching: Annotated[
        str, typer.Option("--matching", metavar="TEXT", help="Only dataflows whose name contains this, in any case.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", metavar=FLAG, help="Replace files that are there already.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Write configs for the dataflows that a sandbox has already.

    Each describes its dataflow as it is, so that its plan changes nothing. Nothing is written in Adobe: to apply such
    a config is what makes the dataflow this installation's.

    Exit codes:
      0  done, also where there was nothing to write
      1  an error

    Examples:
      aep-delivery adopt --sandbox prod --out deliveries
      aep-delivery adopt --sandbox prod --matching flights
      aep-delivery adopt --sandbox prod --json | jq -r '.leftAlone[].reason'
    """
    screen = Screen(as_json=as_json, debug=debug)
    services = connection.connect(stack).services
    with screen.busy(f"Reading the dataflows of {sandbox} ..."):
        adobe = services.flow_service(sandbox)
        mapping_sets = DataPrep(services.adobe(sandbox))
        found = list(find_adoptable(adobe, sandbox, mapping_sets=mapping_sets, matching=matching))
    adoptable = [one for one in found if isinstance(one, Adoptable)]
    left = [LeftAlone(**_dataflow(one), reason=one.reason) for one in found if isinstance(one, NotAdoptable)]
    written: list[WrittenConfig] = []
    for one, path, is_new in write_adopted(out, adoptable, force=force):
        if is_new:
            written.append(WrittenConfig(file=str(path), delivery_id=f"{sandbox}/{one.name}", **_dataflow(one)))
        else:
            left.append(LeftAlone(**_dataflow(one), reason=f"{path} is there already; --force replaces it"))
    document = AdoptDocument(sandbox=sandbox, written=written, left_alone=left)
    _show(screen, document)
    screen.document(document)
    return Exit.OK


def _dataflow(one: Adoptable | NotAdoptable) -> dict[str, str]:
    return {"dataflow_id": one.flow_id, "dataflow_name": one.flow_name}


def _show(screen: Screen, document: AdoptDocument) -> None:
    if document.written:
        header = ["WRITTEN", "DELIVERY", "DATAFLOW", "ID"]
        rows = [[one.file, one.delivery_id, one.dataflow_name, one.dataflow_id] for one in document.written]
        screen.table(header, rows)
    if document.written and document.left_alone:
        screen.text("")
    if document.left_alone:
        header = ["LEFT ALONE", "ID", "WHY"]
        screen.table(header, [[one.dataflow_name, one.dataflow_id, one.reason] for one in document.left_alone])
    if document.written:
        first = Path(document.written[0].file)
        screen.text("")
        screen.text(f"Look at them, then: aep-delivery plan {first}")
        screen.text(f"For help while you edit them: aep-delivery schema > {first.parent / SCHEMA_FILE}")
    else:
        screen.text("Nothing was written." if document.left_alone else f"No dataflow of {document.sandbox} fits.")
