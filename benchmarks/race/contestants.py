"""Who takes part, how each is started, and what each is told of the delivery."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.race.deliveries import Config, for_scripts

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).resolve().parent / "peers"
PEER_PYTHON = ROOT / ".tools" / "race" / "bin" / "python"


@dataclass(frozen=True)
class Contestant:
    """One way to deliver.

    Attributes:
        key: For files and names.
        name: For people.
        program: Its command, but for the file.
        told: What it reads of a delivery.
        options: What follows the file.
        written: Which files its user had to write.
    """

    key: str
    name: str
    program: tuple[str, ...]
    told: Callable[[Config], Config]
    options: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def is_peer(self) -> bool:
        return self.program[0] == str(PEER_PYTHON)

    def command(self, folder: Path, delivery: Config) -> list[str]:
        """Write down what it has to know, and say how it is started."""
        file = folder / f"{delivery['name']}.json"
        file.write_text(json.dumps(self.told(delivery), indent=2))
        return [*self.program, str(file), *self.options]

    def lines(self) -> int:
        """Of the scripts that its user keeps, without blank ones; 0 where a config is enough."""
        texts = [(PEERS / name).read_text("utf-8") for name in self.written]
        return sum(bool(line.strip()) for text in texts for line in text.splitlines())


def _unchanged(ours: Config) -> Config:
    return ours


def _script(key: str, name: str, file: str, *options: str) -> Contestant:
    shared = ("request_bodies.py", "notebook.py", "delivered_files.py")
    return Contestant(key, name, (str(PEER_PYTHON), str(PEERS / file)), for_scripts, options, (file, *shared))


OURS = Contestant(
    "ours", "ours, steps in one process", (sys.executable, "-m", "benchmarks.race.ours_in_process"), _unchanged
)
DEPLOYED = Contestant(
    "deployed", "ours, workflow", (str(ROOT / "bin" / "aep-delivery"), "run"), _unchanged, ("--follow",)
)
AEPP = _script("aepp", "aepp script", "aepp_script.py")
HTTPX = _script("httpx", "httpx script", "httpx_script.py")
LOOKING = _script("looking", "httpx script that looks first", "httpx_script.py", "--look-first")
ALL = (OURS, DEPLOYED, AEPP, HTTPX, LOOKING)
