"""Checks every workflow definition of the template: ``python -m tests.template.check_definitions``.

cfn-lint and ``sam validate`` do not look into ``DefinitionUri``, and the embedded cloud takes nearly any definition, so
that a mistake would first show on AWS. Exit status 1 where there are findings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from tests.template import parsers, rules
from tests.template.definition import Definition, definitions

Check = Callable[[Definition], Iterator[str]]
CHECKS: tuple[Check, ...] = (
    parsers.statelint,
    parsers.moto,
    parsers.cfn_lint,
    parsers.jsonata,
    rules.every_state_has_a_comment,
    rules.every_state_is_reached,
    rules.every_placeholder_is_substituted,
    rules.every_task_is_guarded,
    rules.every_task_names_itself,
    rules.every_variable_is_assigned,
    rules.every_states_field_exists,
    rules.every_payload_fits_its_step,
)


def findings(definition: Definition) -> list[str]:
    """What is wrong with a definition, one line each."""
    return [finding for check in CHECKS for finding in check(definition)]


def main() -> int:
    """Check all and print the findings."""
    status = 0
    for path, definition in definitions().items():
        found = findings(definition)
        for finding in found:
            print(f"{path}: {finding}")
        status |= bool(found)
        if not found:
            print(f"{path}: {len(definition.states)} states, nothing to find fault with")
    return status


if __name__ == "__main__":
    sys.exit(main())
