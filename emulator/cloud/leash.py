"""Runs ministack for as long as somebody holds the other end of its standard input.

The emulator leads a process group of its own, so that Ctrl-C does not reach it before its starter has cleaned up. But a
starter that is killed cleans nothing up: then the pipe closes, and the group, sandboxes and all, ends itself.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading

from emulator.cloud import maps, rights


def _let_go_with_the_pipe(pipe: int) -> None:
    # Nothing is ever written: reading ends when the last holder of the other end does.
    os.read(pipe, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Run ministack until it is told to end, or the pipe closes."""
    pipe = os.dup(sys.stdin.fileno())
    # Sandboxes inherit standard input; they must not hold the pipe.
    with open(os.devnull) as nothing:  # noqa: PTH123 - a descriptor is wanted
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    threading.Thread(target=_let_go_with_the_pipe, args=(pipe,), daemon=True).start()
    maps.install()
    rights.install()
    runpy.run_module("ministack", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
