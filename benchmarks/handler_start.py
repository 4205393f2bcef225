# ruff: noqa: INP001, T201 - scripts, not a package
"""How long each function takes to start, beside one written the plain way: ``python benchmarks/handler_start.py``.

Every start is a fresh process, the handlers take turns, and the smallest CPU time of each counts: what else the machine
does only adds to it. Lambda's own time to start Python is not in it, Python's is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AS_DEPLOYED = "import sys; sys.modules['click'] = sys.modules['rich'] = None; "
"""Neither is in the layer: they are the command line's, and httpx imports both where it finds them."""
PLAIN = "sys.path.insert(0, 'benchmarks'); import contestants; contestants.plain_handler()"
GOAL = 1 / 3
"""Of the plain one."""


def start(code: str) -> float:
    """CPU seconds of one start.

    Raises:
        RuntimeError: It failed.
    """
    process = subprocess.Popen(  # noqa: S603 - the code is that below
        [sys.executable, "-c", AS_DEPLOYED + code], cwd=ROOT, env={**os.environ, "PYTHONPATH": "shared"}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(code)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    handlers = {
        handler.parent.name: f"import runpy; runpy.run_path({str(handler.relative_to(ROOT))!r})"
        for handler in sorted(ROOT.glob("functions/*/handler.py"))
    }
    codes = {"plain handler": PLAIN, "Python alone": "", **handlers}
    best = dict.fromkeys(codes, float("inf"))
    for _ in range(options.rounds):
        for name, code in codes.items():
            best[name] = min(best[name], start(code))
    plain = best["plain handler"]
    print("| | CPU s | of the plain one | |\n|---|---:|---:|---|")
    for name, seconds in best.items():
        met = "met" if name in handlers and seconds <= GOAL * plain else ""
        print(f"| {name} | {seconds:.2f} | {seconds / plain:.2f} | {met} |")


if __name__ == "__main__":
    main()
