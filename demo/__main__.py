"""Runs one delivery for real on this machine: both emulators, the real template, the real handlers."""

from __future__ import annotations

import argparse
import contextlib
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from aep_delivery.config.load import load_config
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError
from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.text import summary
from aep_delivery.verification.receipt.verdicts import SENSES
from demo.arguments import EXAMPLE, arguments
from demo.damage import Damage
from demo.keep import keep_running, tell_datasets
from demo.lake import ROOT, fill, names
from demo.steps import Watcher
from emulator.installation import Installation, install

SPEED = 60
"""A minute of Adobe's time, and of the workflow's waits, takes a second."""
OUTPUT = ROOT / "demo-output"
VERIFIED, FAILED, NOT_VERIFIED, INTERRUPTED = 0, 1, 3, 130
_COLOURS = {"good": "bold green", "calm": "bold blue", "warn": "bold yellow", "bad": "bold red"}


@dataclass(frozen=True)
class _Asked:
    """What the demo has to provide so that a config finds what it names. A config with mistakes gets nothing more: what
    is wrong with it is the workflow's to say.
    """

    destination: dict[str, Any] | None = None
    sandbox: str = "prod"

    @classmethod
    def by(cls, text: bytes, name: str) -> _Asked:
        try:
            config: DeliveryConfig = load_config(text, name)
        except UserError:
            return cls()
        return cls(config.document()["destination"], config.sandbox)


def main() -> int:
    """Run the demo.

    Returns:
        0 for a good verdict and for ``--keep``, 3 where the files are not whole, 1 where the delivery failed.
    """
    given = arguments()
    console = Console()
    text = given.config.read_bytes()
    # The example is about the example's datasets.
    alone = given.keep and given.lake is not None and given.config is EXAMPLE
    asked = _Asked() if alone else _Asked.by(text, given.config.name)
    with tempfile.TemporaryDirectory(prefix="aep-delivery-lake-") as folder:
        lake = given.lake or Path(folder)
        if given.lake is None:
            fill(lake)
        doing = "runs" if given.keep else f"delivers [bold]{given.config.name}[/bold]"
        console.print(f"[bold]AEP Delivery[/bold] {doing} on this machine alone.")
        with console.status("Starting the embedded cloud and the emulated Adobe, deploying template.yaml ..."):
            running = contextlib.ExitStack()
            wanted = [asked.destination] if asked.destination else []
            installation = running.enter_context(
                install(lake, destinations=wanted, wait_scale=1 / SPEED, sandboxes=(asked.sandbox, "dev"))
            )
        with running:
            console.print(f"  AWS    {installation.cloud.endpoint}   emulated by ministack, real template and handlers")
            console.print(f"  Adobe  {installation.adobe.base_url}   emulated, {SPEED} times as fast as the sun\n")
            if asked.destination:
                installation.provide(asked.destination)
            if given.keep:
                if alone:
                    tell_datasets(names(lake, asked.sandbox), console)
                elif asked.destination is None:
                    console.print("[yellow]Its destination is not set up: the config has mistakes.[/yellow]\n")
                keep_running(installation, None if alone else given.config, console)
                return VERIFIED
            return _deliver(installation, given, text, asked, console)


def _deliver(
    installation: Installation, given: argparse.Namespace, text: bytes, asked: _Asked, console: Console
) -> int:
    damage = None
    if given.damage and asked.destination:
        damage = Damage(installation, installation.shelf(asked.destination), given.damage)
    elif given.damage:
        console.print("[yellow]Nothing will be damaged: the config has mistakes, so nothing is delivered.[/yellow]")
    with damage or contextlib.nullcontext():
        installation.drop(given.config.name, text)
        console.print(
            f"Dropped s3://{installation.outputs['ConfigBucketName']}/deliveries/{given.config.name}", soft_wrap=True
        )
        execution = installation.next_execution(set())
        state = Watcher(installation, console, SPEED).follow(execution)
    if damage is not None and damage.done:
        console.print(f"[yellow]Meanwhile somebody {damage.done}.[/yellow]\n", soft_wrap=True)
    receipt, page = _collect(installation, execution.rpartition(":")[2])
    if receipt is None:
        console.print(f"[red]{state.get('error')}[/red]: {state.get('cause')}")
        return FAILED
    _show(receipt, console)
    if given.lake is not None and receipt.verdict == "RUN_FAILED":
        shown = shlex.quote(str(given.lake))
        print(f"\nWhere Adobe could not read the lake, `bin/aep-delivery check {shown}` tells which files, and why.")
    if receipt.run is not None:
        console.print(f"\n[dim]Adobe's times in this receipt run {SPEED} times as fast as yours.[/dim]")
    console.print(f"\nThe receipt to read:  {page.as_uri()}", soft_wrap=True)
    console.print(f"The receipt as JSON:  {page.with_suffix('.json').as_uri()}", soft_wrap=True)
    if receipt.failure is not None:
        return FAILED
    return VERIFIED if receipt.is_good else NOT_VERIFIED


def _collect(installation: Installation, execution: str) -> tuple[Receipt | None, Path]:
    """Copy the documents of the execution out of the work bucket, which ends with the demo."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    for key in installation.documents():
        if f"/{execution}/" in key:
            (OUTPUT / key.rpartition("/")[2]).write_text(installation.document(key))
    receipt = OUTPUT / "receipt.json"
    if not receipt.exists():
        return None, OUTPUT
    return Receipt.from_json(receipt.read_text()), OUTPUT / "receipt.html"


def _show(receipt: Receipt, console: Console) -> None:
    first, _, rest = summary(receipt).partition("\n")
    console.print(Text(first, style=_COLOURS[SENSES[receipt.verdict].tone]))
    console.print(rest.rstrip("\n"), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
