"""What the commands end with. 0, 1 and 2 are those of ``terraform plan -detailed-exitcode``."""

from __future__ import annotations

from enum import IntEnum

from aep_delivery.runtime.errors import UserError


class Exit(IntEnum):
    """The exit codes of all commands."""

    OK = 0
    ERROR = 1
    """Also for a command line that is not understood: 2 already has a meaning."""
    CHANGES = 2
    """Adobe is not as declared."""
    USAGE = 2
    """Of commands that know no changes: the command line is not understood, or names what is not there."""
    NOT_VERIFIED = 3
    """The files are not all there and whole: those of a delivery that went through, or those that were checked."""
    INTERRUPTED = 130


class MisuseError(UserError):
    """The command line asks for what cannot be done. It ends with the command's own code for that."""


class UserInterruptError(UserError):
    """Ctrl-C, or a signal that asks for the end. Raised once everything is in order again."""
