"""Structured logging with Powertools. Only names, ids, counts and error documents are ever passed to it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from traceback import extract_tb

from aws_lambda_powertools import Logger

# In ASCII: names come from other people, and who follows a log in a terminal must not be shown what acts there.
logger = Logger(utc=True, json_serializer=partial(json.dumps, default=str, separators=(",", ":")))
"""The one logger. Its ``service``, the stack's name, comes from ``POWERTOOLS_SERVICE_NAME``, its level from
``POWERTOOLS_LOG_LEVEL``."""


def where_from(error: BaseException) -> list[str]:
    """How a defect came about, without its words: the text of an unexpected error may quote a secret or a row.

    Returns:
        Its class and where it passed through, the outermost place first; then the same of what caused it.
    """
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(type(cause).__qualname__)
        lines += [
            f"{Path(place.filename).name}:{place.lineno} {place.name}" for place in extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return lines
