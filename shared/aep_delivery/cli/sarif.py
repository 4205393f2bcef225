"""Findings in configs as SARIF 2.1.0, which code hosts show beside the lines of a pull request.

Source: OASIS: Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aep_delivery import __version__
from aep_delivery.cli.explanations import explanations, section_address
from aep_delivery.cli.validation import Validation
from aep_delivery.config.diagnostics import Diagnostic
from aep_delivery.runtime.errors import ErrorDocument

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_HEAD = 2
"""The lines of an explanation that name the code, which the rule does itself."""


def sarif_log(validation: Validation, site: str | None = None) -> dict[str, Any]:
    """A log of one run. Its results are in the order of the files and of the lines in them; none where all are valid.

    Args:
        validation: What was found.
        site: The address of the documentation as a site, for the rules to lead there.

    Returns:
        The log as JSON-ready data. Excerpts have possible secrets masked, as everywhere.
    """
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for code, result, hint in _results(validation):
        rules.setdefault(code, _rule(code, hint, site))
        results.append({"ruleId": code, "ruleIndex": [*rules].index(code), "level": "error", **result})
    driver = {"name": "aep-delivery", "semanticVersion": __version__, "rules": [*rules.values()]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(validation: Validation) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    for checked in validation.files:
        for found in checked.diagnostics:
            yield found.code, _finding(found), found.hint
        if checked.error is not None:
            yield checked.error.code, _unreadable(checked.file, checked.error), checked.error.hint


def _rule(code: str, hint: str | None, site: str | None) -> dict[str, Any]:
    found = explanations().get(code)
    meaning = found.meaning if found else hint or code
    markdown = found.markdown(site) if found else meaning
    text = "\n".join([*found.lines()][_HEAD:]) if found else meaning
    address = section_address(code, site) if site else None
    return {
        "id": code,
        "shortDescription": {"text": meaning.replace("`", "")},
        "help": {"text": text, "markdown": markdown},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": "error"},
    }


def _finding(found: Diagnostic) -> dict[str, Any]:
    place: dict[str, Any] = {
        "artifactLocation": {"uri": _uri(found.source)},
        "region": {
            "startLine": found.line,
            "startColumn": found.column,
            "endColumn": found.column + max(1, found.width),
        },
    }
    if found.excerpt is not None:
        place["contextRegion"] = {"startLine": found.line, "snippet": {"text": found.excerpt}}
    return {"message": _message(found.sentence, found.hint), "locations": [{"physicalLocation": place}]}


def _unreadable(file: str, error: ErrorDocument) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": _uri(file)}}
    return {"message": _message(error.message, error.hint), "locations": [{"physicalLocation": place}]}


def _message(sentence: str, hint: str | None) -> dict[str, str]:
    return {"text": f"{sentence}\n{hint}" if hint else sentence}


def _uri(file: str) -> str:
    """Relative as it was given, so that it means a file of the repository; absolute paths as ``file:`` URIs."""
    path = Path(file)
    # A colon in the first folder would be a scheme.
    return path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")
