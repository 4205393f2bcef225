"""What the demo is asked for."""

from __future__ import annotations

import argparse
from pathlib import Path

from aep_delivery.events.inbound import CONFIG_SUFFIXES
from demo.lake import ROOT, is_empty

EXAMPLE = ROOT / "examples" / "demo.yaml"
_DAMAGE = ("truncate", "delete")
_STARS = [f"*{suffix}" for suffix in CONFIG_SUFFIXES]


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The options, each a variable of ``make``; of the process, where none are given.

    Returns:
        ``config`` is :data:`EXAMPLE` itself, and ``lake`` None, where it is not given.

    Raises:
        SystemExit: They are not understood; what is wrong has been printed.
    """
    parser = argparse.ArgumentParser(
        prog="make demo",
        usage="make demo [CONFIG=my.yaml] [LAKE=folder] [BREAK=truncate|delete], or make cloud [CONFIG=…] [LAKE=…]",
        description="Runs one delivery for real on this machine: both emulators, the real template and handlers.",
        allow_abbrev=False,
    )
    parser.add_argument("--config", type=_file, default=EXAMPLE, help="a config of your own")
    parser.add_argument("--lake", type=_folder, help="a folder of datasets of your own: Parquet, NDJSON or CSV")
    parser.add_argument("--break", dest="damage", type=_damage, help="damage one delivered file before it is verified")
    parser.add_argument(
        "--keep", action="store_true", help="deliver nothing: keep both emulators running for the command line"
    )
    return parser.parse_args(given)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    if path.suffix not in CONFIG_SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text} would start nothing: a config is called {', '.join(_STARS)}")
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    if is_empty(path):
        raise argparse.ArgumentTypeError(f"the folder {text} holds no datasets: Parquet, NDJSON or CSV files")
    return path


def _damage(text: str) -> str:
    if text not in _DAMAGE:
        raise argparse.ArgumentTypeError(f"BREAK is {' or '.join(_DAMAGE)}")
    return text
