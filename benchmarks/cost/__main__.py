"""Counts in the embedded cloud and writes the page of costs; with ``--page`` it writes alone."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

from benchmarks.cost.page import COUNTS, PAGE, render


def main() -> None:
    """Count, unless only the page is asked for, then write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true", help="only write the page, from the counts that are there")
    if not parser.parse_args().page:
        from benchmarks.cost.scenes import play  # noqa: PLC0415 - the emulators are only needed to count

        counts = {"countedOn": datetime.now(UTC).date().isoformat(), **play()}
        COUNTS.write_text(json.dumps(counts, indent=1) + "\n", "utf-8")
    PAGE.write_text(render(), "utf-8")


if __name__ == "__main__":
    main()
