"""``aep-delivery verify``."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Annotated, Any, get_args

import typer
from typer.models import OptionInfo

from aep_delivery.cli import connection
from aep_delivery.cli.commands.check import check
from aep_delivery.cli.completing import delivery_names
from aep_delivery.cli.exits import Exit, MisuseError, UserInterruptError
from aep_delivery.cli.interruption import interruptible
from aep_delivery.cli.kept_receipts import VERIFICATION, awaited_run, receipt_of
from aep_delivery.cli.known_delivery import delivery_id_of
from aep_delivery.cli.local import execution_name
from aep_delivery.cli.options import DEFAULT_STACK, Debug, Json, Stack
from aep_delivery.cli.screen import Screen
from aep_delivery.cli.verify_target import is_config, refuse_name
from aep_delivery.cli.watched_reader import WatchedReader
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.text import summary
from aep_delivery.workflow.documents import folder_of
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.verify_again import verify_again

_OF_FILES = "Options for files"


def verify(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET",
            help="A delivery's config, or files and folders, here or at s3://, gs://, sftp://, azure:// or https://.",
        ),
    ] = None,
    *,
    delivery: Annotated[
        str | None,
        typer.Option(
            "--delivery", metavar="SANDBOX/NAME", help="A delivery by its name.", autocompletion=delivery_names
        ),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="Adobe's id of the run. Default: the last one awaited.")
    ] = None,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
    debug: Debug = False,
    **of_files: Any,
) -> int:
    """Verify anew what a delivery has delivered, or check files anywhere.

    A TARGET that is a .yaml or .yml file here, or a .json file here that is one object with `version` and
    `destination`, is the config of a delivery: what a run of it has delivered is verified again, and a new receipt is
    kept beside the first. So does --delivery. Any other TARGET is files, and is checked as `check` does.

    Of a delivery, the destination is read with its own secret, and what is expected is what was asked then. No event
    is sent; `status` goes on telling of the delivery itself.

    Exit codes:
      0  verified, or rightly empty; all files are whole
      1  an error
      2  the command line is not understood, or a path is not there
      3  the files are not all there and whole

    Examples:
      aep-delivery verify flights.yaml
      aep-delivery verify --delivery prod/nyc-flights --run 1a2b3c4d-5e6f
      aep-delivery verify s3://lake/exports/orders/ --records 1200
      aep-delivery verify exports/2027-01-01/ --json | jq -r .verdict
    """
    given = [_spelling(option) for option in _OPTIONS if of_files[option.name] != option.default]
    config = _config_among(targets or [], delivery)
    if config is None:
        if run is not None:
            raise MisuseError(
                "--run is of a delivery, and none is given.",
                code="cli.usage",
                hint="Give its config, or --delivery SANDBOX/NAME.",
            )
        for target in targets or []:
            refuse_name(target)
        return check(targets or [], **of_files, as_json=as_json, debug=debug)
    if given:
        raise MisuseError(
            f"{given[0]} is for files; a delivery's config says it all.",
            code="cli.usage",
            hint="Leave it out, or name the files themselves.",
        )
    screen = Screen(as_json=as_json, debug=debug)
    delivery_id = delivery_id_of(config)
    receipt = _verified(screen, connection.connect(stack).services, delivery_id, run)
    return Exit.OK if receipt.is_good else Exit.NOT_VERIFIED


def _config_among(targets: list[str], delivery: str | None) -> str | None:
    """The delivery that is meant, by name or config; None where files are.

    Raises:
        MisuseError: Nothing is given, or more than one thing that does not go together.
    """
    if delivery is not None:
        if targets:
            raise _one_at_a_time("--delivery", targets[0])
        return delivery
    if not targets:
        raise MisuseError(
            "There is nothing to verify.", code="cli.usage", hint="Give a config, a place with files, or --delivery."
        )
    configs = [target for target in targets if is_config(target)]
    if configs and len(targets) > 1:
        raise _one_at_a_time(configs[0], next((target for target in targets if target != configs[0]), configs[0]))
    return configs[0] if configs else None


def _one_at_a_time(one: str, other: str) -> MisuseError:
    return MisuseError(
        f"{one} is a delivery, which is verified by itself; {other} is another target.",
        code="cli.usage",
        hint="Verify one after the other. To check a config's own file as data, use `aep-delivery check`.",
    )


def _verified(screen: Screen, services: Services, delivery_id: str, run: str | None) -> Receipt:
    with (
        screen.busy(f"Looking for what {delivery_id} has delivered ...") as busy,
        _interruption_told(),
        interruptible(),
    ):
        execution, outcome = awaited_run(services, delivery_id, run)
        before = receipt_of(services, delivery_id, execution)
        name = execution_name(VERIFICATION)
        receipt = verify_again(
            delivery_id,
            execution,
            name,
            services,
            watch=lambda reader: WatchedReader(reader, busy.tell),
            tell=screen.note,
            before=before,
        )
    screen.text(summary(receipt).rstrip("\n"))
    screen.text(f"Run: {', '.join(outcome.run_ids) or 'none'}, awaited by {execution}")
    if before is not None:
        screen.text(f"Before: {before.verdict}, and that receipt is kept.")
    screen.text(f"Receipt: s3://{services.settings.work_bucket}/{folder_of(delivery_id, name)}/receipt.html")
    screen.json(receipt.to_json())
    return receipt


@contextmanager
def _interruption_told() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise UserInterruptError(
            "Interrupted; nothing is kept of it.", code="cli.interrupted", hint="Verify again."
        ) from None


def _options_of_check() -> list[inspect.Parameter]:
    """What ``check`` takes beside its paths and what all commands take: both stay alike whatever it takes."""
    own = set(inspect.signature(verify).parameters)
    taken = inspect.signature(check, eval_str=True).parameters.values()
    return [_under_their_own_heading(one) for one in taken if one.name not in own and one.kind is one.KEYWORD_ONLY]


def _under_their_own_heading(parameter: inspect.Parameter) -> inspect.Parameter:
    kind, option = get_args(parameter.annotation)
    assert isinstance(option, OptionInfo)
    headed = copy(option)
    headed.rich_help_panel = _OF_FILES
    return parameter.replace(annotation=Annotated[kind, headed])


def _spelling(parameter: inspect.Parameter) -> str:
    """``--ssh-key``."""
    # In an annotation, the first name of an option stands where its default would (Typer: Annotated).
    return str(get_args(parameter.annotation)[1].default)


def _with_options_of_check() -> inspect.Signature:
    own = inspect.signature(verify, eval_str=True)
    named = [one for one in own.parameters.values() if one.kind is not one.VAR_KEYWORD]
    return own.replace(parameters=[*named, *_OPTIONS])


_OPTIONS = _options_of_check()
vars(verify)["__signature__"] = _with_options_of_check()
