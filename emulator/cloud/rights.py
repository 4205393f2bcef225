"""Which rights the functions use: every decision of ministack's IAM on a call of a role is written down once.

The decision is the place to listen at: only there is a call already the actions that IAM knows (a transaction of
DynamoDB is one action for each item, a HEAD of S3 is ``s3:GetObject``), with the statement that allows it.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ministack.core import iam_evaluator

FOLDER = "EMBEDDED_CLOUD_RIGHTS"
"""The environment variable that names the folder to write into; without it nothing is written."""
_ROLE = re.compile(r":assumed-role/(?:[^/]*-)?(\w+)Role(?:-[^/]*)?/")


class Decision(NamedTuple):
    """What IAM decided on one call.

    Attributes:
        function: The function's name in the template.
        statement: The ``Sid`` of the statement that allowed it; empty where none did.
        action: In IAM's words.
        allowed: Whether the call was.
    """

    function: str
    statement: str
    action: str
    allowed: bool


def install() -> None:
    """Write the decisions of this process into a file of its own, each once."""
    if folder := os.environ.get(FOLDER):
        notes = _Notes(Path(folder) / f"{os.getpid()}.jsonl")
        iam_evaluator.evaluate = allowing(iam_evaluator.evaluate, notes)
        iam_evaluator.enforce = denying(iam_evaluator.enforce, notes)


def allowing(evaluate: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    """Note what a role's own policies allow."""

    @functools.wraps(evaluate)
    def evaluating(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        if result.decision == "Allow":
            note(context.principal_arn, result.matched_sid, context.action, allowed=True)
        return result

    return evaluating


def denying(enforce: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
    """Note what neither a role's own policies nor those of the resource allow."""

    @functools.wraps(enforce)
    def enforcing(access_key: str, action: str, *rest: Any, **named: Any) -> Any:
        denied = enforce(access_key, action, *rest, **named)
        if denied is not None:
            note(getattr(denied, "principal_arn", ""), "", action, allowed=False)
        return denied

    return enforcing


def decisions(folder: Path) -> set[Decision]:
    """What was decided in all clouds that wrote into a folder."""
    lines = (line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines())
    return {Decision(**json.loads(line)) for line in lines}


class _Notes:
    """Decisions in a file, one a line."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: set[Decision] = set()

    def __call__(self, principal: str, statement: str, action: str, *, allowed: bool) -> None:
        """Write a decision down, where it is on a function and new."""
        role = _ROLE.search(principal)
        if role is None:
            return
        decision = Decision(role[1], statement, action, allowed)
        if decision not in self._seen:
            self._seen.add(decision)
            with self._file.open("a") as lines:
                lines.write(json.dumps(decision._asdict()) + "\n")
