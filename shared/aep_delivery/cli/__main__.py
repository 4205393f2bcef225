"""``python -m aep_delivery.cli``."""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def start() -> None:
    """Run the program. Ctrl-C ends it without a stack trace from its first moment: imports take half a second."""
    try:
        from aep_delivery.cli.main import run  # noqa: PLC0415 - what takes that long

        run()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    start()
