"""Where every command ends: errors become an error document or text, and an exit code; never a stack trace unasked."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from inspect import cleandoc
from typing import Any, NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup, TyperOption

from aep_delivery.cli import aws_errors
from aep_delivery.cli.exits import Exit, MisuseError, UserInterruptError
from aep_delivery.cli.options import FLAG
from aep_delivery.cli.screen import Screen
from aep_delivery.runtime.errors import DeliveryError, InternalError, UserError

_SECTION = re.compile(r"\A([A-Z][a-z ]+):\n(  .*)\Z", re.DOTALL)


class Command(TyperCommand):
    """A command that returns its exit code. What it raises is shown, and is exit code 1."""

    misuse = Exit.ERROR
    """The exit code of a command line that is not understood."""

    def __init__(self, name: str | None, **options: Any) -> None:
        super().__init__(name, **options | {"help": _sections_kept(options.get("help"))})

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _without_value(super().get_help_option(ctx))

    def invoke(self, ctx: Any) -> int:
        screen = Screen(as_json=_wants_json(ctx.params), debug=bool(ctx.params.get("debug")))
        try:
            return int(super().invoke(ctx) or Exit.OK)
        except (typer.TyperException, typer.Exit, BrokenPipeError):
            raise
        except UserInterruptError as error:
            screen.error(error)
            return Exit.INTERRUPTED
        except MisuseError as error:
            screen.error(error)
            return self.misuse
        except (KeyboardInterrupt, typer.Abort):  # Abort: Ctrl-C or Ctrl-D at a question
            screen.error(UserInterruptError("Interrupted.", code="cli.interrupted"))
            return Exit.INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the boundary: nobody is to read a stack trace who did not ask for it
            if ctx.params.get("debug"):
                sys.excepthook(type(error), error, error.__traceback__)
            screen.error(_explained(error))
            return Exit.ERROR


class ChecksAlone(Command):
    """A command that knows no changes, so that 2 has the meaning it has in most programs."""

    misuse = Exit.USAGE


class Commands(TyperGroup):
    """The group of all commands. A command line that is not understood is exit code 1: 2 means *changes*."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"help": _sections_kept(options.get("help"))})

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        return _without_value(super().get_help_option(ctx))

    def main(self, args: Sequence[str] | None = None, *positional: Any, **options: Any) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(given, *positional, **options | {"standalone_mode": False})
        except typer.TyperException as error:
            code = _not_understood(error, as_json="--json" in given)
        sys.exit(code or Exit.OK)


def _without_value(option: TyperOption | None) -> TyperOption | None:
    """The option of the help, shown as one that takes no value; Typer shows ``<bool>``."""
    if option is not None:
        option.metavar = FLAG
    return option


def _wants_json(params: dict[str, Any]) -> bool:
    """Whether the command's standard output is one JSON document."""
    return bool(params.get("as_json")) or params.get("output_format") in ("json", "sarif")


def _sections_kept(text: str | None) -> str | None:
    """A docstring as Typer's rich help: paragraphs flow, but ``Examples:`` and its like keep their lines."""
    if text is None:
        return None
    return "\n\n".join(_section_kept(paragraph) for paragraph in escape(cleandoc(text)).split("\n\n"))


def _section_kept(paragraph: str) -> str:
    section = _SECTION.match(paragraph)
    return f"\b\n[bold]{section[1]}[/]\n{section[2]}" if section else paragraph.replace("\n", " ")


def _explained(error: Exception) -> DeliveryError:
    if isinstance(error, DeliveryError):
        return aws_errors.with_your_hint(error)
    if isinstance(error, (BotoCoreError, ClientError)):
        return aws_errors.explain(error)
    if isinstance(error, OSError) and error.strerror:
        return UserError(
            f"The operating system refuses: {error.strerror}.",
            code="cli.system",
            place=str(error.filename) if error.filename else None,
            hint="Is the disk full, a permission missing, or the current folder gone?",
        )
    return InternalError(
        f"An unexpected {type(error).__name__} stopped this command.",
        code="internal.unexpected",
        hint="This is a defect: --debug shows the stack trace.",
    )


def _not_understood(error: typer.TyperException, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "aep-delivery"
    mistake = UserError(error.format_message(), code="cli.usage", hint=f"{command} --help")
    Screen(as_json=as_json).error(mistake)
    return getattr(context and context.command, "misuse", Exit.ERROR)
