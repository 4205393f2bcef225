"""``aep-delivery demo``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from aep_delivery.cli.exits import Exit, UserInterruptError
from aep_delivery.cli.interruption import interruptible
from aep_delivery.cli.options import FLAG, Debug, Json
from aep_delivery.events.inbound import CONFIG_SUFFIXES
from aep_delivery.runtime.errors import UserError

ROOT = Path(__file__).parents[4]
"""Of the clone, where this is one."""
PARTS = ("demo/__main__.py", "emulator", "template.yaml")
"""What there is in a clone, and not in the package."""
_STANDARD_ERROR = 2
_EMULATOR = "ministack"
"""What the embedded cloud is made of; no wheel of the product brings it."""


class Damage(StrEnum):
    """What happens to one file before it is verified."""

    TRUNCATE = "truncate"
    DELETE = "delete"


def demo(
    *,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A config of your own. Default: examples/demo.yaml.")
    ] = None,
    lake: Annotated[
        Path | None,
        typer.Option("--lake", metavar="FOLDER", help="A folder of datasets of your own: Parquet, JSON lines or CSV."),
    ] = None,
    damage: Annotated[
        Damage | None, typer.Option("--break", help="Damage one delivered file before it is verified.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", metavar=FLAG, help="Deliver nothing: keep it running for the other commands.")
    ] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Run a delivery on this machine alone, with an emulated AWS and an emulated Adobe.

    Needs a clone of the project, not AWS, not Adobe and no network. It is what `make demo` does, and with --keep what
    `make cloud` does. The receipt is written to demo-output/ in the clone.

    Exit codes:
      0  verified, or rightly empty; with --keep: ended by Ctrl-C
      1  an error, or the delivery failed
      3  the files are not all there and whole

    Examples:
      aep-delivery demo
      aep-delivery demo --break truncate
      aep-delivery demo --config flights.yaml --lake exports/
      aep-delivery demo --keep
    """
    del debug
    arguments = _arguments(config, lake, damage, keep=keep)
    if keep and as_json:
        raise _two_of("--keep", "--json")
    code = _run(arguments, output=_STANDARD_ERROR if as_json else None)
    if code not in (Exit.OK, Exit.NOT_VERIFIED):
        raise UserError(
            "The demo did not come to a verdict.", code="cli.demo-failed", hint="What it wrote before says why."
        )
    if as_json:
        typer.echo((ROOT / "demo-output" / "receipt.json").read_text("utf-8"), nl=False)
    return code


def is_clone() -> bool:
    """Whether the demo is here: the product's own folder is in a clone of the project."""
    return all((ROOT / part).exists() for part in PARTS)


def _arguments(config: Path | None, lake: Path | None, damage: Damage | None, *, keep: bool) -> list[str]:
    if config is not None and not config.is_file():
        raise UserError(f"There is no file {config}.", code="cli.path-not-found", place="--config")
    if lake is not None and not lake.is_dir():
        raise UserError(f"There is no folder {lake}.", code="cli.path-not-found", place="--lake")
    if config is not None and not config.name.lower().endswith(CONFIG_SUFFIXES):
        raise UserError(
            f"A config's name ends in {', '.join(CONFIG_SUFFIXES)}.", code="cli.not-a-config", place=str(config)
        )
    if keep and damage is not None:
        raise _two_of("--keep", "--break")
    named = {"--config": config, "--lake": lake, "--break": damage}
    given = [text for name, value in named.items() if value is not None for text in (name, str(value))]
    return [*given, "--keep"] if keep else given


def _python() -> str:
    """The Python that has the emulators: this one, or that of the clone's own environment.

    Raises:
        UserError: ``cli.demo-missing``.
    """
    if not is_clone():
        raise _missing("The demo is not installed: it is in the project's repository, not in the package.", "make demo")
    if find_spec(_EMULATOR) is not None:
        return sys.executable
    own = ROOT / ".venv" / "bin" / "python"
    if own.exists():
        return str(own)
    raise _missing("The emulators are not installed.", f"make --directory {ROOT} demo")


def _missing(message: str, command: str) -> UserError:
    return UserError(
        message,
        code="cli.demo-missing",
        hint=f"Clone the project and call `{command}` there: it installs what is needed from locked packages."
        if command == "make demo"
        else f"Call `{command}`: it installs what is needed from locked packages.",
    )


def _two_of(one: str, other: str) -> UserError:
    return UserError(
        f"{one} delivers nothing, so {other} means nothing.", code="cli.usage", hint="Leave one of the two out."
    )


def _run(arguments: list[str], output: int | None) -> int:
    """Run the demo and give its exit code. It is a process of its own: the product knows nothing of the emulators.

    Raises:
        UserError: ``cli.demo-missing``.
        UserInterruptError: Ctrl-C, after the demo has tidied up.
    """
    called = subprocess.Popen(  # noqa: S603 - of the same clone
        [_python(), "-P", "-m", "demo", *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "shared"), str(ROOT)])},
        stdout=output,
        # Ctrl-C is told to all of a group at once, also to what the demo has started: it is to end that in order.
        process_group=0,
    )
    interrupted = False
    with interruptible():
        while True:
            try:
                code = called.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
                called.send_signal(signal.SIGINT)
    if interrupted and "--keep" not in arguments:
        raise UserInterruptError("Interrupted; nothing of it is left.", code="cli.interrupted")
    return code
