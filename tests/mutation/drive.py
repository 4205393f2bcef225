"""Runs mutmut where it stands: ``drive.py TOOL RESULT [--again]``, in a process of its own.

TOOL is the folder with mutmut's packages. RESULT is where what became of each mutant is written, as JSON. With
``--again`` only what survived the last time is tried, what was not tried, and what is in a function that has changed.
"""

from __future__ import annotations

import json
import site
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TOOL, RESULT, *OPTIONS = sys.argv[1:]
# Behind the packages that the tests need anyway.
site.addsitedir(TOOL)

import libcst  # type: ignore[import-not-found]  # noqa: E402
from mutmut.__main__ import cli  # type: ignore[import-not-found]  # noqa: E402
from mutmut.mutation.diff_apply import get_diff_for_mutant  # type: ignore[import-not-found]  # noqa: E402
from mutmut.mutation.mutators import mutation_operators, operator_string  # type: ignore[import-not-found]  # noqa: E402

ALIVE = {0, 33, None}
"""How mutmut writes down a mutant that lives: no test failed, no test reaches it, it was not tried. Whatever else a
mutant's process ends with is a death: a test failed, or did not end.
"""


def words(node: Any) -> Iterable[Any]:
    """Mutants of a text, unless it is a sentence: what it says is for people to judge."""
    return () if isinstance(node, libcst.SimpleString) and " " in node.value else operator_string(node)


def written_down() -> Iterator[tuple[Path, dict[str, Any]]]:
    """What mutmut keeps of each module."""
    for path in sorted(Path("mutants/src").rglob("*.meta")):
        yield path, json.loads(path.read_text())


def forget_survivors() -> None:
    """mutmut tries what has no result, and leaves alone what has one for a function that has not changed."""
    for path, kept in written_down():
        codes = kept["exit_code_by_key"]
        path.write_text(
            json.dumps({**kept, "exit_code_by_key": {n: None if codes[n] in ALIVE else codes[n] for n in codes}})
        )


def main() -> None:
    mutation_operators[:] = [(kind, words if made is operator_string else made) for kind, made in mutation_operators]
    if "--again" in OPTIONS:
        forget_survivors()
    try:
        cli(["run", "--max-children", "1"])
    except SystemExit as end:
        if end.code:
            raise
    said = {
        name: {"diff": get_diff_for_mutant(name)} if code in ALIVE else {}
        for _, kept in written_down()
        for name, code in kept["exit_code_by_key"].items()
    }
    Path(RESULT).write_text(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
