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
        statement: The ``Sid`` of the statement that decided; empty where there was none.
        action: In IAM's words.
        allowed: By the policies of the function's own role. What is not may still be by the resource's policy.
    """

    function: str
    statement: str
    action: str
    allowed: bool


def install() -> None:
    """Write the decisions of this process into a file of its own, each once."""
    folder = os.environ.get(FOLDER)
    if folder is not None:
        file = Path(folder) / f"{os.getpid()}.jsonl"
        iam_evaluator.evaluate = recording(iam_evaluator.evaluate, file)


def recording(evaluate: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """What ministack does, written down."""
    seen: set[Decision] = set()

    @functools.wraps(evaluate)
    def evaluating(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        if role := _ROLE.search(context.principal_arn):
            allowed = result.decision == "Allow"
            decision = Decision(role[1], result.matched_sid, context.action, allowed)
            if decision not in seen:
                seen.add(decision)
                with file.open("a") as lines:
                    lines.write(json.dumps(decision._asdict()) + "\n")
        return result

    return evaluating


def decisions(folder: Path) -> set[Decision]:
    """What was decided in all clouds that wrote into a folder."""
    return {
        Decision(**json.loads(line)) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()
    }
