"""Keeps the installation running, so that the command line has something to work on."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from emulator.cloud.engine import REGION
from emulator.installation import Installation


def environment(installation: Installation) -> dict[str, str]:
    """What a shell needs to work on the embedded cloud, as its owner: where it and the emulated Adobe are, and what the
    functions have to trust, too, where the destination is in an Azure on this machine.
    """
    return {
        "AWS_ENDPOINT_URL": installation.cloud.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "ADOBE": installation.adobe.base_url,
        **installation.storages.environment,
    }


def tell_datasets(names: Sequence[str], console: Console) -> None:
    """Say what a config could deliver, where none is given."""
    console.print("The datasets of the lake:")
    for name in names:
        print(f"  {name}")
    console.print("Give CONFIG=my.yaml to have its destination set up.\n")


def keep_running(installation: Installation, config: Path | None, console: Console) -> None:
    """Say how to reach the installation, and wait for Ctrl-C or SIGTERM.

    Args:
        installation: What runs.
        config: What to try there; None where nothing is set up to be delivered to.
        console: For people.
    """
    console.print("Paste this into another terminal:\n")
    for name, value in environment(installation).items():
        print(f"export {name}={shlex.quote(value)}")
    if config is not None:
        shown = shlex.quote(str(config.relative_to(Path.cwd()) if config.is_relative_to(Path.cwd()) else config))
        console.print("\nThen try, there:\n")
        print(f"bin/aep-delivery plan {shown}")
        print(f"bin/aep-delivery apply {shown}")
        print(f"bin/aep-delivery run {shown} --follow")
        print("bin/aep-delivery status")
    console.print("\nCtrl-C here ends it, and forgets everything.")
    sys.stdout.flush()
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
