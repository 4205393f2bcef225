"""``aep-delivery init``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.cli.asking import Asker, fits
from aep_delivery.cli.commands import demo
from aep_delivery.cli.exits import Exit
from aep_delivery.cli.init_questions import Given, ask
from aep_delivery.cli.new_config import (
    ADOBES_ACCOUNT,
    AUDIENCE_SCHEDULES,
    DATASET_SCHEDULES,
    NewDelivery,
    config_text,
    sample_of,
)
from aep_delivery.cli.new_file import SCHEMA_FILE, write_new
from aep_delivery.cli.options import DEFAULT_STACK, FLAG, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.config.load import load_config
from aep_delivery.config.naming import DeliveryName
from aep_delivery.runtime.errors import UserError


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class WantedSecret(_Model):
    """The secret that the config names."""

    name: str
    """In AWS Secrets Manager."""
    fields: list[str]
    """Required in its JSON object."""
    optional_fields: list[str]


class NextStep(_Model):
    """What to do next."""

    why: str
    command: str


class InitDocument(_Model):
    """What ``--json`` prints."""

    file: str
    delivery_id: str
    secret: WantedSecret | None
    next_steps: list[NextStep]


def init(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write it. Default: the delivery's name, .yaml.")
    ] = None,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What the delivery is called.")] = None,
    sandbox: Annotated[str | None, typer.Option("--sandbox", metavar="NAME", help="Adobe's sandbox.")] = None,
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination",
            metavar="TYPE",
            help="The type of destination: amazon-s3, sftp …",
            autocompletion=lambda: [row.name for row in load_catalogue().destinations],
        ),
    ] = None,
    auth: Annotated[
        str | None, typer.Option("--auth", metavar="KIND", help="How Adobe gets in: access-key, sftp-password …")
    ] = None,
    secret: Annotated[
        str | None, typer.Option("--secret", metavar="NAME", help="The secret that holds the credential.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ARN", help="The role that Adobe assumes, with assumed-role.")
    ] = None,
    base_connection: Annotated[
        str | None, typer.Option("--base-connection", metavar="ID", help="With existing-connection: which.")
    ] = None,
    mode: Annotated[
        str | None, typer.Option("--mode", metavar="MODE", help="The kind of storage behind an existing connection.")
    ] = None,
    bucket: Annotated[str | None, typer.Option("--bucket", metavar="NAME", help="The bucket.")] = None,
    container: Annotated[str | None, typer.Option("--container", metavar="NAME", help="The container.")] = None,
    path: Annotated[str | None, typer.Option("--path", metavar="FOLDER", help="The folder files land below.")] = None,
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", metavar="NAME", help="A dataset, by name or id. May be repeated.")
    ] = None,
    audience: Annotated[
        list[str] | None, typer.Option("--audience", metavar="NAME", help="An audience, likewise.")
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option("--attribute", metavar="PATH", help="A profile attribute of audiences. May be repeated."),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(
            "--schedule",
            metavar="WHEN",
            help="3h, 6h, 12h, daily, once …",
            autocompletion=lambda: [*DATASET_SCHEDULES | AUDIENCE_SCHEDULES],
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", metavar=FLAG, help="Replace a file that is there.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Write a first config, with comments, and say what to do next.

    Asks in a terminal for whatever no option says; each question has one. Needs no connection: what is written is
    valid, and `doctor` and `plan` tell whether it is also true.

    Exit codes:
      0  written
      1  an error; an answer is missing, or the file is there already

    Examples:
      aep-delivery init
      aep-delivery init flights.yaml --destination amazon-s3 --dataset Flights
      aep-delivery init --sandbox prod --destination sftp --audience "Loyalty"
    """
    screen = Screen(as_json=as_json, debug=debug)
    if file is not None:
        _refuse_other_than_yaml(file)
        _refuse_to_replace(file, force=force)
    given = Given(
        name=name,
        sandbox=sandbox,
        destination=destination,
        auth=auth,
        secret=secret,
        role=role,
        base_connection=base_connection,
        mode=mode,
        bucket=bucket,
        container=container,
        path=path,
        datasets=tuple(dataset or ()),
        audiences=tuple(audience or ()),
        attributes=tuple(attribute or ()),
        schedule=schedule,
    )
    suggested = file.stem if file is not None and fits(DeliveryName, file.stem) else None
    new = ask(Asker(screen), given, suggested_name=suggested)
    written = file or Path(f"{new.name}.yaml")
    text = config_text(new)
    delivery_id = load_config(text.encode(), str(written)).delivery_id
    if not write_new(written, text, force=force):
        _refuse_to_replace(written, force=force)
    document = InitDocument(
        file=str(written),
        delivery_id=delivery_id,
        secret=_secret(new, stack),
        next_steps=[*_steps(new, written, stack)],
    )
    _show(screen, document)
    screen.document(document)
    return Exit.OK


def _refuse_other_than_yaml(file: Path) -> None:
    if file.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(
            "A config with comments is YAML: its name ends in .yaml or .yml.", code="cli.not-a-config", place=str(file)
        )


def _refuse_to_replace(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise UserError(
            "There is a file already.",
            code="cli.file-exists",
            place=str(file),
            hint="--force replaces it; or name another file.",
        )


def _secret(new: NewDelivery, stack: str) -> WantedSecret | None:
    spec = new.secret_spec
    if spec is None:
        return None
    return WantedSecret(
        name=f"{stack}/destinations/{new.secret}",
        fields=[param.name for param in spec.params if param.required],
        optional_fields=[param.name for param in spec.params if not param.required],
    )


def _steps(new: NewDelivery, file: Path, stack: str) -> Iterator[NextStep]:
    spec, shown = new.secret_spec, shlex.quote(str(file))
    options = "" if stack == DEFAULT_STACK else f" --stack {shlex.quote(stack)}"
    if demo.is_clone():
        yield NextStep(why="Try it here first, with a folder of datasets of your own.", command=_demo_of(file))
    if new.role is not None:
        yield NextStep(
            why=f"Let the role trust Adobe's account {ADOBES_ACCOUNT}, and write to the bucket.",
            command=f"aws iam get-role --role-name {shlex.quote(new.role.rpartition('/')[2])}",
        )
    if spec is not None and any(param.name == "hostKey" for param in spec.params):
        yield NextStep(
            why="Ask for the server's key; compare it with what the server's owner says. It is the field hostKey.",
            command="ssh-keyscan -t ed25519 HOST",
        )
    if spec is not None:
        secret = shlex.quote(f"{stack}/destinations/{new.secret}")
        yield NextStep(
            why=f"Write the credential into secret.json: {sample_of(spec)}",
            command=f"aws secretsmanager create-secret --name {secret} --secret-string file://secret.json"
            " && rm secret.json",
        )
    yield NextStep(why="Is all there that it needs?", command=f"aep-delivery doctor {shown}{options}")
    yield NextStep(why="What would change in Adobe?", command=f"aep-delivery plan {shown}{options}")
    yield NextStep(why="Deliver once, and prove it.", command=f"aep-delivery run {shown} --now --follow{options}")
    yield NextStep(
        why="Help in your editor while you go on writing.",
        command=f"aep-delivery schema > {shlex.quote(str(file.parent / SCHEMA_FILE))}",
    )


def _demo_of(file: Path) -> str:
    """The call of ``make``, which knows its goals in the clone alone."""
    if Path.cwd() == demo.ROOT:
        return f"make demo CONFIG={shlex.quote(str(file))} LAKE=folder"
    folder = shlex.quote(str(demo.ROOT))
    return f"make --directory {folder} demo CONFIG={shlex.quote(str(file.absolute()))} LAKE=folder"


def _show(screen: Screen, document: InitDocument) -> None:
    screen.text(f"Written: {document.file}, delivery {document.delivery_id}", style="green")
    screen.text("")
    screen.text("Next:")
    for number, step in enumerate(document.next_steps, 1):
        screen.text(f"  {number}. {step.why}")
        screen.text(f"     {step.command}", style="bold")
