"""Asks for what the command line does not say, where somebody is there to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from pydantic import TypeAdapter, ValidationError

from aep_delivery.cli.screen import Screen
from aep_delivery.config.base import RULE
from aep_delivery.runtime.errors import UserError


class Asker:
    """Questions, each with an option that answers it beforehand.

    Where nobody is there to answer, a question has its default, or else its option is noted as missing;
    :meth:`finish` then says which.

    Args:
        screen: Where to ask.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._missing: list[str] = []

    def text(self, option: str, question: str, given: str | None, rule: Any, *, default: str | None = None) -> str:
        """One value.

        Args:
            option: What answers the question on the command line.
            question: For people.
            given: The answer of the command line.
            rule: The type of the config that the answer must be of; its rules refuse what is not.
            default: The answer of whoever presses Enter.

        Returns:
            The answer; empty where there is none.

        Raises:
            UserError: ``cli.usage``; the answer of the command line breaks the rule.
        """
        adapter = TypeAdapter[str](rule)
        if given is not None:
            wrong = _broken(adapter, given)
            if wrong is not None:
                raise UserError(f"{option} {wrong[0]}.", code="cli.usage", hint=wrong[1])
            return given
        if not self._screen.asks:
            return self._unanswered(option, question, default)
        while True:
            answer = str(typer.prompt(question, default=default, prompt_suffix=" ")).strip()
            wrong = _broken(adapter, answer)
            if wrong is None:
                return answer
            self._screen.note(f"  That {wrong[0]}. {wrong[1]}", style="yellow")

    def choice(
        self, option: str, question: str, given: str | None, choices: Mapping[str, str], *, default: str | None = None
    ) -> str:
        """One of several, by name or number.

        Args:
            option: What answers the question on the command line.
            question: For people.
            given: The answer of the command line.
            choices: Name → what it is. A single one needs no question.
            default: The answer of whoever presses Enter.

        Raises:
            UserError: ``cli.usage``; the answer of the command line is none of them.
        """
        names = [*choices]
        if given is not None:
            if given not in choices:
                raise UserError(f"{option} cannot be {given!r} here.", code="cli.usage", hint=_instead(given, names))
            return given
        if len(names) == 1:
            return names[0]
        if not self._screen.asks:
            return self._unanswered(option, question, default)
        width = max(map(len, names))
        self._screen.text(question)
        for number, (name, meaning) in enumerate(choices.items(), 1):
            self._screen.text(f"  {number:>2}  {name:<{width}}  {meaning}".rstrip())
        while True:
            # Without any default, Typer asks again after an empty answer, and doesn't say why.
            answer = str(
                typer.prompt("Name or number", default=default or "", show_default=default is not None)
            ).strip()
            if answer.isdecimal() and 1 <= int(answer) <= len(names):
                return names[int(answer) - 1]
            if answer in choices:
                return answer
            told = f"That is none of them. {_instead(answer, names)}" if answer else "Please choose."
            self._screen.note(f"  {told}", style="yellow")

    def several(
        self, option: str, question: str, given: Sequence[str], rule: Any, *, default: Sequence[str] = ()
    ) -> list[str]:
        """One value or more, each asked for until nothing is answered.

        Args:
            option: What gives one on the command line; it may be repeated.
            question: For people.
            given: Those of the command line.
            rule: As in :meth:`text`.
            default: What is taken where nothing is answered at first.
        """
        if given:
            return [self.text(option, question, one, rule) for one in given]
        if not self._screen.asks:
            return [*default] or [self._unanswered(option, question, None)]
        found: list[str] = []
        adapter = TypeAdapter[str](rule)
        self._screen.text(f"{question} One a line; an empty line ends it." + (_otherwise(default)))
        while True:
            answer = str(typer.prompt("  -", default="", show_default=False, prompt_suffix=" ")).strip()
            wrong = _broken(adapter, answer) if answer else None
            if wrong is not None:
                self._screen.note(f"  That {wrong[0]}. {wrong[1]}", style="yellow")
            elif answer:
                found.append(answer)
            elif found or default:
                return found or [*default]

    def finish(self) -> None:
        """Go on only where all is answered.

        Raises:
            UserError: ``cli.not-answered``, naming every option that is missing.
        """
        if self._missing:
            raise UserError(
                "There are questions, and nobody to ask.",
                code="cli.not-answered",
                details=self._missing,
                hint="Answer them by these options, or call it in a terminal.",
            )

    def _unanswered(self, option: str, question: str, default: str | None) -> str:
        if default is None:
            self._missing.append(f"{option}: {question}")
        return default or ""


def fits(rule: Any, text: str) -> bool:
    """Whether a text could be an answer."""
    return _broken(TypeAdapter[str](rule), text) is None


def _broken(adapter: TypeAdapter[str], answer: str) -> tuple[str, str] | None:
    """What is wrong with an answer, and what to write instead; None where nothing is."""
    try:
        adapter.validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == RULE:
            violation = first["ctx"]["violations"][0]
            return violation.message, violation.hint
        return "is not possible here", f"{first['msg']}."
    return None


def _instead(given: str, names: list[str]) -> str:
    close = get_close_matches(given.lower(), names, n=1)
    return f"Did you mean {close[0]}?" if close else f"Possible are {', '.join(names)}."


def _otherwise(default: Sequence[str]) -> str:
    return f" None at all means {', '.join(default)}." if default else ""
