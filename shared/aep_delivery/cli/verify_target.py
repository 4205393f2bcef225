"""What a TARGET of ``verify`` is: a delivery by its config, or files somewhere.

The rule: a local YAML file is a config, and so is a local JSON file that is one object with members that only configs
have. Everything else is a place with files.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from aep_delivery.cli.exits import MisuseError
from aep_delivery.config.source import MAX_BYTES

_NAME = re.compile(r"[a-z0-9-]+/[a-z][a-z0-9-]+\Z")
"""Of a delivery: ``sandbox/name``."""
_YAML = (".yaml", ".yml")
_CONFIG = {"version", "destination"}
"""What every config has, but those that extend another."""
_EXTENDS = "extends"


def is_config(target: str) -> bool:
    """Whether a target is a delivery's config.

    Raises:
        MisuseError: ``cli.target-ambiguous``; a JSON file has some of a config's members and lacks others.
    """
    path = Path(target)
    suffix = path.suffix.lower()
    if suffix not in (*_YAML, ".json") or "://" in target or not path.is_file():
        return False
    if suffix in _YAML:
        return True
    members = _members(path)
    if members >= _CONFIG or _EXTENDS in members:
        return True
    if members & _CONFIG and "sandbox" in members:
        lacking = ", ".join(sorted(_CONFIG - members))
        raise MisuseError(
            f"This may be a config without {lacking}, or a file with one row.",
            code="cli.target-ambiguous",
            place=target,
            hint="For a delivery, say --delivery SANDBOX/NAME; for files, `aep-delivery check FILE`.",
        )
    return False


def refuse_name(target: str) -> None:
    """Refuse what is no path here, but may be the name of a delivery.

    Raises:
        MisuseError: ``cli.path-not-found``.
    """
    if _NAME.match(target) and not Path(target).exists():
        raise MisuseError(
            "There is no such file or folder.",
            code="cli.path-not-found",
            place=target,
            hint=f"For the delivery of this name, say --delivery {target}",
        )


def _members(path: Path) -> set[str]:
    """The names of the members of the one object that a file is; none where it is anything else."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        document = json.loads(text) if len(text) <= MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return set()
    return set(document) if isinstance(document, dict) else set()
