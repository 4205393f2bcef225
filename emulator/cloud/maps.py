"""Distributed Maps that are written in JSONata, for ministack: it resolves their fields as JSONPath alone.

AWS: "Map state", fields of a JSONata state. Each field is evaluated before ministack sees it, and what it makes of the
children is put through ``Assign`` and ``Output`` as of any other state.
"""

# ruff: noqa: SLF001 - ministack has no other seam; its version is pinned

from __future__ import annotations

import copy
from typing import Any

from ministack.services import stepfunctions

State = dict[str, Any]
_distributed = stepfunctions._run_distributed_map


def run_distributed_map(  # noqa: PLR0917 - as ministack calls it
    state: State, given: Any, effective: Any, processor: State, execution: State, context: State
) -> tuple[Any, str | None]:
    """What ministack does, of a state in JSONata as well."""
    if stepfunctions._state_query_language(state, context) != "JSONata":
        answer: tuple[Any, str | None] = _distributed(state, given, effective, processor, execution, context)
        return answer
    items = stepfunctions._jsonata_state_field(state, "Items", "array", given, context)
    plain = {name: value for name, value in state.items() if name not in ("ItemSelector", "Items")}
    if "MaxConcurrency" in state:
        plain["MaxConcurrency"] = stepfunctions._jsonata_state_field(state, "MaxConcurrency", "number", given, context)
    children = [_selected(state, given, context, index, item) for index, item in enumerate(items)]
    # A child is an execution of its own: it sees no variable of its parent's.
    alone = {**context, "variables": {}}
    results, following = _distributed(plain, children, children, processor, execution, alone)
    output = stepfunctions._apply_jsonata_output(state, given, context, result=results, default=results)
    stepfunctions._apply_state_assign(state, given, context, result=results)
    return output, following


def install() -> None:
    """Put it in the place of ministack's own, in this process."""
    stepfunctions._run_distributed_map = run_distributed_map


def _selected(state: State, given: Any, context: State, index: int, item: Any) -> Any:
    if "ItemSelector" not in state:
        return item
    of_item = {**copy.deepcopy(context), "Map": {"Item": {"Index": index, "Value": item}}}
    return stepfunctions._apply_jsonata_template(state["ItemSelector"], given, of_item)
