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
    # First what our rules rely on: that it is a definition at all.
    parsers.statelint,
    parsers.jsonata,
    rules.every_state_has_a_comment,
    rules.every_state_is_reached,
    rules.every_placeholder_is_substituted,
    rules.every_task_is_guarded,
    rules.every_task_names_itself,
    rules.every_variable_is_assigned,
    rules.every_states_field_exists,
    rules.every_payload_fits_its_step,
    # The slow ones last.
    parsers.moto,
    parsers.cfn_lint,
)


def findings(definition: Definition) -> Iterator[str]:
    """What is wrong with a definition, one line each, as it is found."""
    for check in CHECKS:
        yield from check(definition)


def main() -> int:
    """Check all and print the findings."""
    status = 0
    for path, definition in definitions().items():
        sound = True
        for finding in findings(definition):
            sound = False
            print(f"{path}: {finding}")
        if sound:
            print(f"{path}: {len(definition.states)} states, nothing to find fault with")
        else:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
