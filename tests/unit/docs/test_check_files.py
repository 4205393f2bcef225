"""The samples of the page about `check`, each run as it stands there."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, Sample, all_samples

PAGE = "docs/how-to/check-files.md"
TUTORIAL = "docs/tutorial/your-own-files.md"
SAMPLES = [sample for sample in all_samples() if sample.page == PAGE and len(sample.text.splitlines()) > 1]
"""Those that show what is printed."""
ROWS = [b'{"id": %d, "item": "item %d"}\n' % (row, row % 7) for row in range(600)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the page says that there is."""
    for name in ("orders", "returns"):
        (tmp_path / name).mkdir()
    for number in range(3):
        data = gzip.compress(b"".join(ROWS[number * 200 : number * 200 + 200]), compresslevel=0, mtime=0)
        (tmp_path / "orders" / f"part-0000{number}.json.gz").write_bytes(data[: 512 if number == 1 else None])
    (tmp_path / "orders" / "_SUCCESS").touch()
    (tmp_path / "customers.txt").write_text("id|name\n" + "".join(f"{row}|name {row}\n" for row in range(200)))
    first = b"".join(b'{"id": %3d, "why": "b"}\n' % row for row in range(200))
    (tmp_path / "returns" / "part-00000.json").write_bytes(first)
    entries = [{"sinkPath": "returns", "name": f"part-0000{number}.json", "size": len(first)} for number in range(2)]
    (tmp_path / "returns" / "manifest-1-2.json").write_text(json.dumps({"exportResults": entries}))
    return tmp_path


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 4


def test_the_tutorial_looks_at_a_folder_of_ones_own(tmp_path: Path) -> None:
    [sample] = [each for each in all_samples() if each.page == TUTORIAL and "check mydata" in each.text]
    lake = tmp_path / "mydata"
    (lake / "Sales Orders" / "2026" / "01").mkdir(parents=True)
    (lake / "Sales Orders" / "2026" / "01" / "a.csv").write_text("order_id,amount\n1,2.5\n2,3.5\n")
    (lake / "people.csv").write_text("order_id;amount\n1;2,5\n2;3,5\n")
    (lake / "events.ndjson").write_text('{"id":1}\n')
    (lake / "list.json").write_text('[{"a":1},\n{"a":2}]')
    command, _, shown = sample.text.removeprefix("$ bin/aep-delivery ").partition("\n")
    program = str(ROOT / "bin" / "aep-delivery")
    ran = subprocess.run([program, *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert (ran.stderr, ran.returncode) == ("", 3)
    assert ran.stdout == shown


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_sample_prints_what_the_page_shows(sample: Sample, folder: Path) -> None:
    command, _, shown = sample.text.removeprefix("$ ").partition("\n")
    if "jq" in command and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    command = command.replace("aep-delivery", str(ROOT / "bin" / "aep-delivery"), 1)
    ran = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S602
    assert ran.stderr == ""
    assert ran.stdout == shown
    assert ran.returncode == (3 if "\nINVALID  " in shown else 0)
