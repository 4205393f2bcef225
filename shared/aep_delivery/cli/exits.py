"""What the commands end with. 0, 1 and 2 are those of ``terraform plan -detailed-exitcode``."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of all commands."""

    OK = 0
    ERROR = 1
    """Also for a command line that is not understood: 2 already has a meaning."""
    CHANGES = 2
    """Adobe is not as declared."""
    NOT_VERIFIED = 3
    """The delivery went through, and its files are not all there and whole."""
    INTERRUPTED = 130
