"""``python -m tests.mutation TOOL [TARGET…] [--again]``: changes what decides, and sees whether a test notices.

What lives and is not explained is printed, and fails it; so does a target of which less than 85 % was killed. The
figures land in ``build/proof`` and in docs/explanation/proof.md.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.figures import write_figures
from tests.mutation.survivors import EXPLAINED, Outcome, explanations, outcome_of
from tests.mutation.targets import TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(tempfile.gettempdir()) / "aep-delivery-mutants"
"""Not in the repository: nobody is to find a mutant there."""
LEAST_SHARE = 85
"""Percent of each target's mutants."""
_NOT_COPIED = shutil.ignore_patterns(".*", "build", "dist", "demo-output", "__pycache__", "*.pyc")


def run(target: Target, tool: Path, *, again: bool) -> Path:
    """Have a target's mutants tried, one after the other.

    Returns:
        Where what became of them is written down.
    """
    place = PLACE / target.name
    again = again and place.exists()
    _prepare(target, place, again=again)
    result = place / "result.json"
    (packages,) = tool.glob("lib/python*/site-packages")
    command = [sys.executable, "-P", *map(str, (ROOT / "tests/mutation/drive.py", packages.resolve(), result))]
    # The copy of the code is found by pytest's own settings.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (place / "log").open("w") as log:
        tried = subprocess.run(  # noqa: S603 - a script of ours
            [*command, *(["--again"] if again else [])], cwd=place, env=environment, stdout=log, check=False
        )
    if tried.returncode:
        sys.exit(f"{target.name}: mutmut could not go on, see {place / 'log'}")
    return result


def _prepare(target: Target, place: Path, *, again: bool) -> None:
    """A copy of the repository to mutate, with the modules where mutmut expects them: in ``src``."""
    mutants = place / "mutants"
    if not again:
        shutil.rmtree(place, ignore_errors=True)
        mutants.mkdir(parents=True)
        (mutants / "shared").symlink_to("src")
    shutil.copytree(ROOT / "shared", place / "src", ignore=_NOT_COPIED, dirs_exist_ok=True)
    shutil.copytree(ROOT, mutants, ignore=_all_but_the_modules, dirs_exist_ok=True)
    # Which test reaches which function is found out anew.
    (mutants / "mutmut-stats.json").unlink(missing_ok=True)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/aep_delivery/{module}.py" for module in target.modules],
        "use_git_change_detection": ["false"],
        "timeout_multiplier": ["5"],
        "timeout_constant": ["2"],
        "pytest_add_cli_args": ["-pno:cacheprovider", "-pno:xdist", "--hypothesis-seed=0"]
        + ([f"-k {target.only}"] if target.only else []),
        "pytest_add_cli_args_test_selection": [f"tests/{test}" for test in target.tests],
    }
    lines = [
        f"{name} = {values[0]}" if len(values) == 1 else "\n    ".join([f"{name} =", *values])
        for name, values in settings.items()
    ]
    (place / "setup.cfg").write_text("\n".join(["[mutmut]", *lines, ""]))


def _all_but_the_modules(folder: str, names: list[str]) -> set[str]:
    return {*_NOT_COPIED(folder, names), *(["shared"] if Path(folder) == ROOT else [])}


def _tell(outcome: Outcome) -> None:
    print(f"{outcome.target.name}: {outcome.killed:,} of {outcome.mutants:,} killed, {outcome.share:.1f} %")
    for survivor in outcome.unexplained:
        print(f"  {survivor.where}\n    " + "\n    ".join(survivor.change.splitlines()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("tool", type=Path, help="the virtual environment that has mutmut")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all by default")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    asked = parser.parse_args()
    if unknown := {*asked.targets} - {target.name for target in TARGETS}:
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    known = explanations()
    outcomes = []
    for target in TARGETS:
        if not asked.targets or target.name in asked.targets:
            outcomes.append(outcome_of(target, run(target, asked.tool, again=asked.again), known))
            _tell(outcomes[-1])
    if len(outcomes) == len(TARGETS):
        write_figures(outcomes)
        said = {survivor.why for outcome in outcomes for survivor in outcome.survivors}
        for one in known:
            if one.why not in said:
                print(f"nothing survives any more for: {one.where}: {one.why}")
    if any(outcome.unexplained or outcome.share < LEAST_SHARE for outcome in outcomes):
        sys.exit(f"less than {LEAST_SHARE} % killed, or survivors that {EXPLAINED.name} does not explain")


if __name__ == "__main__":
    main()
