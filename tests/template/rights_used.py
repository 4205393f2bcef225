"""The rights that the template grants to functions, and those that the workflow tests have seen used.

A right is a function, the ``Sid`` of a statement of its policies, and one action of it. What was seen lies beside this
file; ``make rights`` writes it anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from emulator.cloud.rights import Decision
from tests.template.definition import load_template

FILE = Path(__file__).with_suffix(".json")
Right = tuple[str, str, str]


def granted() -> set[Right]:
    """The rights that the template grants."""
    return {
        (name, statement["Sid"], action)
        for name, resource in load_template()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        for policy in resource["Properties"]["Policies"]
        for statement in policy["Statement"]
        for action in listed(statement["Action"])
    }


def used(decisions: Iterable[Decision]) -> set[Right]:
    """The rights that were used. A statement without a name is of a bucket that lets a function in by its own policy."""
    return {(each.function, each.statement, each.action) for each in decisions if each.allowed and each.statement}


def kept() -> set[Right]:
    """The rights that were used when the tests were last recorded."""
    return {
        (function, sid, action)
        for function, statements in json.loads(FILE.read_text()).items()
        for sid, actions in statements.items()
        for action in actions
    }


def keep(rights: Iterable[Right]) -> None:
    """Write down the rights that were used."""
    tree: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for function, sid, action in sorted(rights):
        tree[function][sid].append(action)
    FILE.write_text(json.dumps(tree, indent=2) + "\n")


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
