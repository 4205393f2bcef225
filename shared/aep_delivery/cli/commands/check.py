"""``aep-delivery check``."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from aep_delivery.cli.check_cost import tell_cost
from aep_delivery.cli.check_progress import CheckProgress
from aep_delivery.cli.check_view import lines
from aep_delivery.cli.exits import Exit, MisuseError
from aep_delivery.cli.interruption import interruptible
from aep_delivery.cli.options import FLAG, Debug, Json
from aep_delivery.cli.places import SftpOptions, place_of
from aep_delivery.cli.screen import Screen
from aep_delivery.verification.dialect import CsvDialect
from aep_delivery.verification.level import Level
from aep_delivery.verification.loose_files.foreseen import Foreseen
from aep_delivery.verification.loose_files.gathering import Asked, NothingThereError, UnknownTypeError
from aep_delivery.verification.loose_files.judging import UncountableError, judge
from aep_delivery.verification.loose_files.places import Place
from aep_delivery.verification.loose_files.report import CheckReport, CheckVerdict


class Type(StrEnum):
    """What files hold."""

    JSON = "JSON"
    PARQUET = "PARQUET"
    CSV = "CSV"


class Compression(StrEnum):
    """What is around files."""

    NONE = "NONE"
    GZIP = "GZIP"
    ZIP = "ZIP"


def check(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH", help="Files and folders, here or at s3://, gs://, sftp://, azure:// or https://."
        ),
    ],
    *,
    file_type: Annotated[
        Type | None, typer.Option("--type", case_sensitive=False, help="What the files hold, whatever their names say.")
    ] = None,
    compression: Annotated[
        Compression | None,
        typer.Option("--compression", case_sensitive=False, help="What is around the files, whatever their names say."),
    ] = None,
    records: Annotated[
        int | None, typer.Option("--records", min=0, metavar="N", help="How many rows all files have together.")
    ] = None,
    manifest: Annotated[
        str | None, typer.Option("--manifest", metavar="FILE", help="Adobe's manifest, which lists names and sizes.")
    ] = None,
    level: Annotated[Level, typer.Option("--level", case_sensitive=False, help="How much to prove.")] = Level.CONTENT,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="CHAR", help="CSV: between two fields; \\t is a tab.")
    ] = None,
    quote: Annotated[
        str | None, typer.Option("--quote", metavar="CHAR", help="CSV: around a field; '' for none.")
    ] = None,
    escape: Annotated[
        str | None, typer.Option("--escape", metavar="CHAR", help="CSV: makes a quote inside of quotes plain.")
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", metavar=FLAG, help="CSV: the first row is one of data.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="Processes at work at once. Default: one a core.")
    ] = None,
    ssh_key: Annotated[
        Path | None, typer.Option("--ssh-key", metavar="FILE", help="SFTP: the private key to log in with.")
    ] = None,
    host_key: Annotated[
        str | None,
        typer.Option("--host-key", metavar="KEY", help="SFTP: the server's key, where your known_hosts lacks it."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", metavar=FLAG, help="Do not ask, however long it takes.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Check whether exported files are whole. Needs neither Adobe nor a stack.

    Type and compression are taken from the names where they are not given, and from the first bytes where the name is
    silent. Manifests that lie among the files are held against them, too. Nothing of their content is shown.

    Exit codes:
      0  all files are whole
      2  the command line is not understood, or a path is not there
      3  there are findings

    Examples:
      aep-delivery check exports/2027-01-01/
      aep-delivery check part-00000.json.gz --records 1200
      aep-delivery check s3://lake/exports/orders/ --manifest s3://lake/exports/orders/manifest-1-2.json
      aep-delivery check --level structure --json exports/ | jq -r '.findings[].path'
    """
    screen = Screen(as_json=as_json, debug=debug)
    sftp = SftpOptions(ssh_key=ssh_key, host_key=host_key)
    asked = Asked(
        file_type=file_type.value if file_type else None,
        packing=compression.value if compression else None,
        level=level,
        dialect=_dialect(delimiter, quote, escape),
        header=not no_header,
        records=records,
    )
    if records is not None and level is Level.LISTING:
        raise _uncountable("The listing")
    places = [place_of(path, sftp) for path in paths]
    listed = _manifest(manifest, sftp) if manifest is not None else None

    def told(foreseen: Foreseen) -> None:
        tell_cost(foreseen, screen, yes=yes)

    with CheckProgress(wanted=not as_json, told=told) as progress, interruptible():
        report = _judged(places, asked, listed, jobs or _cores(), progress)
    for line, style in lines(report):
        screen.text(line, style)
    screen.document(report)
    return Exit.OK if report.verdict is CheckVerdict.VALID else Exit.NOT_VERIFIED


def _judged(
    places: list[Place], asked: Asked, manifest: Place | None, jobs: int, progress: CheckProgress
) -> CheckReport:
    try:
        return judge(places, asked, manifest=manifest, processes=jobs, watcher=progress)
    except NothingThereError as error:
        raise MisuseError(
            "The file is no longer there.", code="cli.path-not-found", place=str(error), hint="Is it being replaced?"
        ) from error
    except UnknownTypeError as error:
        raise MisuseError(
            "Neither the name nor the first bytes tell what the file holds.",
            code="cli.type-unknown",
            place=str(error),
            hint="Say it: --type JSON, PARQUET or CSV.",
        ) from error
    except UncountableError as error:
        raise _uncountable(str(error)) from error


def _uncountable(place: str) -> MisuseError:
    return MisuseError(
        "Rows cannot be counted, so they cannot be compared.",
        code="cli.rows-uncounted",
        place=place,
        hint="--records needs --level content, or structure for Parquet, and files that are not encrypted.",
    )


def _manifest(path: str, sftp: SftpOptions) -> Place:
    place = place_of(path, sftp)
    if place.key is None:
        raise MisuseError("The manifest is a folder.", code="cli.usage", place=path, hint="Name the file in it.")
    return place


def _dialect(delimiter: str | None, quote: str | None, escape: str | None) -> CsvDialect | None:
    given = {
        "delimiter": delimiter and delimiter.replace("\\t", "\t"),
        "quote": quote,
        "escape": escape,
    }
    try:
        wanted = {name: value for name, value in given.items() if value is not None}
        return CsvDialect.model_validate(wanted) if wanted else None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        option = "".join(f"--{name}: " for name in first["loc"])
        raise MisuseError(f"{option}{first['msg']}.", code="cli.usage", hint="aep-delivery check --help") from error


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
