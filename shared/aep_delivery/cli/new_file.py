"""Writes configs where somebody may have written one already."""

from __future__ import annotations

import os
from pathlib import Path

from aep_delivery.runtime.errors import UserError

SCHEMA_FILE = "delivery-config.schema.json"
"""Beside the config, where an editor looks for it; ``aep-delivery schema`` prints it."""


def write_new(path: Path, text: str, *, force: bool) -> bool:
    """Write a file where there is none.

    Args:
        path: The file.
        text: Its content.
        force: Whether a file that is there already is replaced.

    Returns:
        Whether it was written: False where there is a file already.

    Raises:
        UserError: ``cli.file-unwritable``.
    """
    flags = os.O_TRUNC if force else os.O_EXCL
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o666), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise unwritable(path, error) from None
    return True


def unwritable(path: Path, error: OSError) -> UserError:
    """The error for a path that cannot be written."""
    return UserError(f"This cannot be written: {error.strerror}.", code="cli.file-unwritable", place=str(path))
