"""What a check of files says of each of them, and of all."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aep_delivery.runtime.errors import UserError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import ObjectChangedError, StorageReader
from aep_delivery.verification.level import Level
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.loose_files.gathering import Asked, LooseFile
from aep_delivery.verification.loose_files.judging import UncountableError, judge
from aep_delivery.verification.loose_files.report import CheckedPath, CheckReport, CheckVerdict
from aep_delivery.verification.report import FileState

ONE, TWO = b'{"a": 1}\n', b'{"a": 1}\n{"a": 2}\n'
CSV = b"a,b\n1,2\n3,4\n"


@dataclass(frozen=True)
class Folder:
    root: Path
    kind: type[LocalReader] = LocalReader
    key: str | None = None
    prefix: str = ""
    remote: bool = False

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        yield self.kind(self.root)

    def path_of(self, key: str) -> str:
        return f"here/{key}"

    def identity(self, key: str) -> str:
        return key


class ShutReader(LocalReader):
    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        raise UserError("No.", code="storage.access-denied", place=key)


class RestlessReader(LocalReader):
    def stream(self, key: str, *, etag: str, chunk_size: int = 1 << 20) -> Iterator[bytes]:
        raise ObjectChangedError("Another one.", code="storage.object-changed", place=key)


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Writes files by name."""

    def write(**files: bytes) -> None:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".").replace("_in_", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)

    return write


def check(
    root: Path,
    *,
    kind: type[LocalReader] = LocalReader,
    manifest: str | None = None,
    watcher: Any = None,
    limits: Limits | None = None,
    **asked: Any,
) -> CheckReport:
    given = Folder(root, key=manifest) if manifest else None
    return judge([Folder(root, kind)], Asked(**asked), manifest=given, watcher=watcher, limits=limits)


def manifest(*entries: tuple[str, int, str], run: str = "r1") -> bytes:
    lines = [{"sinkPath": folder, "name": name, "size": size} for name, size, folder in entries]
    document = {"flowRunId": run, "scheduledTime": "2027-01-01T06:00:00Z", "exportResults": lines}
    return json.dumps(document).encode()


def states(report: CheckReport) -> dict[str, FileState]:
    return {file.path.removeprefix("here/"): file.state for file in report.files}


def codes(report: CheckReport) -> list[tuple[str, str | None]]:
    return [(found.code, found.path and found.path.removeprefix("here/")) for found in report.findings]


def test_whole_files_are_told_with_all_that_is_known_of_them(tmp_path: Path, put: Any) -> None:
    packed = gzip.compress(TWO)
    put(b__json__gz=packed, a__csv=CSV)

    report = check(tmp_path)

    assert report == CheckReport(
        verdict=CheckVerdict.VALID,
        rows=4,
        files=[
            CheckedPath(
                path="here/a.csv",
                state=FileState.WHOLE,
                type="CSV",
                compression="NONE",
                size=len(CSV),
                rows=2,
                sha256=hashlib.sha256(CSV).hexdigest(),
                level=Level.CONTENT,
                checksummed=False,
            ),
            CheckedPath(
                path="here/b.json.gz",
                state=FileState.WHOLE,
                type="JSON",
                compression="GZIP",
                size=len(packed),
                rows=2,
                sha256=hashlib.sha256(packed).hexdigest(),
                level=Level.CONTENT,
                checksummed=True,
            ),
        ],
        unchecksummed=1,
        findings=[],
    )


def test_what_carries_no_checksums_is_counted_unless_it_is_encrypted(tmp_path: Path, put: Any) -> None:
    put(a__json=ONE, b__json=TWO, c__json__gz=gzip.compress(TWO), d__csv__gpg=b"\x85\x01\x0c" + b"x" * 300)

    report = check(tmp_path)

    assert report.unchecksummed == 2
    assert [file.encrypted for file in report.files] == [False, False, False, True]


def test_what_is_odd_and_no_damage_is_told_with_its_place(tmp_path: Path, put: Any) -> None:
    put(a__csv=b"a;b\n1;2\n")

    report = check(tmp_path)

    assert report.verdict is CheckVerdict.VALID
    assert [(one.code, one.where) for one in report.files[0].warnings] == [("csv.one-column", "header")]


def test_what_may_help_is_told_with_the_damage(tmp_path: Path, put: Any) -> None:
    put(a__csv=b"a;b\n1;2,3\n")

    assert "--delimiter" in check(tmp_path).findings[0].message


def test_damage_is_told_by_the_path_that_was_asked_for(tmp_path: Path, put: Any) -> None:
    put(a__json=TWO + b"{", b__json=ONE)

    report = check(tmp_path)

    assert report.verdict is CheckVerdict.INVALID
    assert states(report) == {"a.json": FileState.DAMAGED, "b.json": FileState.WHOLE}
    [found] = report.of("here/a.json")
    assert found in report.findings
    assert found.where
    assert found.message
    assert not report.files[0].warnings, "what decides is no warning"


@pytest.mark.parametrize(
    ("kind", "code", "state"),
    [(ShutReader, "file.unreadable", FileState.DAMAGED), (RestlessReader, "file.changed", FileState.DIFFERS)],
)
def test_what_could_not_be_read_has_no_figures(
    tmp_path: Path, put: Any, kind: type[LocalReader], code: str, state: FileState
) -> None:
    put(a__json=TWO)

    report = check(tmp_path, kind=kind)

    assert codes(report) == [(code, "a.json")]
    assert report.files == [
        CheckedPath(
            path="here/a.json",
            state=state,
            type="JSON",
            compression="NONE",
            size=len(TWO),
            rows=None,
            sha256=None,
            level=None,
            checksummed=None,
        )
    ]
    assert (report.rows, report.unchecksummed) == (0, 0)


LISTED = [("a.json", len(TWO), "here"), ("gone.json", 7, "/here/"), ("b.json", 1, "here")]


class TestManifest:
    def test_each_way_to_disagree_has_a_state_and_a_code(self, tmp_path: Path, put: Any) -> None:
        listed = manifest(*LISTED, ("../up.json", 1, "here"))
        put(a__json=TWO, b__json=ONE, c__json=ONE * 3, **{"manifest-d-r1__json": listed})

        report = check(tmp_path)

        assert report.verdict is CheckVerdict.INVALID
        assert codes(report) == [
            ("manifest.file-missing", "gone.json"),
            ("manifest.size-mismatch", "b.json"),
            ("manifest.unlisted-file", "c.json"),
            ("manifest.unsafe-name", None),
        ]
        assert all(one.message for one in report.findings)
        assert "1 byte" in report.findings[1].message
        assert list(states(report).items()) == [
            ("a.json", FileState.WHOLE),
            ("b.json", FileState.DIFFERS),
            ("c.json", FileState.UNEXPECTED),
            ("gone.json", FileState.MISSING),
        ]

    def test_of_a_missing_file_the_manifest_is_all_there_is(self, tmp_path: Path, put: Any) -> None:
        put(a__json=TWO, b__json=b"\n", **{"manifest-d-r1__json": manifest(*LISTED)})

        [missing] = [file for file in check(tmp_path).files if file.state is FileState.MISSING]

        assert missing == CheckedPath(
            path="here/gone.json",
            state=FileState.MISSING,
            type=None,
            compression=None,
            size=7,
            rows=None,
            sha256=None,
            level=None,
            checksummed=None,
        )

    @pytest.mark.parametrize(
        ("sink", "name", "path"),
        [("", "Xgone.json", "Xgone.json"), ("/Xin/outX/", "gone.json", "Xin/outX/gone.json")],
    )
    def test_a_missing_file_has_the_path_that_the_manifest_says(
        self, tmp_path: Path, put: Any, sink: str, name: str, path: str
    ) -> None:
        put(**{"manifest-d-r1__json": manifest((name, 7, sink))})

        assert codes(check(tmp_path)) == [("manifest.file-missing", path)]

    def test_a_file_in_another_folder_than_listed_is_misplaced(self, tmp_path: Path, put: Any) -> None:
        listed = manifest(("a.json", len(TWO), "here/x"), ("b.json", len(ONE), "here/y"), ("c.json", 5, "here/y"))
        put(x_in_a__json=TWO, x_in_b__json=ONE, y_in_c__json=b"{}\n{}", **{"manifest-d-r1__json": listed})

        report = check(tmp_path)

        assert ("set.misplaced-file", "x/b.json") in codes(report)
        assert states(report)["x/b.json"] is FileState.UNEXPECTED
        assert states(report)["x/a.json"] is FileState.WHOLE

    def test_one_that_is_given_counts_and_those_beside_the_files_do_not(self, tmp_path: Path, put: Any) -> None:
        put(
            a__json=TWO,
            mine__json=manifest(("a.json", len(TWO), "here")),
            **{"manifest-d-r1__json": manifest(("a.json", 1, "here"))},
        )

        assert check(tmp_path, manifest="mine.json").verdict is CheckVerdict.VALID
        assert check(tmp_path).verdict is CheckVerdict.INVALID

    def test_one_that_cannot_be_read_is_a_finding(self, tmp_path: Path, put: Any) -> None:
        put(a__json=TWO, mine__json=b"{")

        report = check(tmp_path, manifest="mine.json")

        assert report.verdict is CheckVerdict.INVALID
        [(code, path)] = codes(report)
        assert code.startswith("manifest.")
        assert path == "mine.json"

    def test_one_is_read_within_bounds(self, tmp_path: Path, put: Any) -> None:
        put(a__json=TWO, mine__json=manifest(("a.json", len(TWO), "here")))

        report = check(tmp_path, manifest="mine.json", limits=Limits(max_manifest_bytes=10))

        assert report.verdict is CheckVerdict.INVALID


class TestNothing:
    def test_where_no_file_is_there_is_nothing_to_trust(self, tmp_path: Path) -> None:
        report = check(tmp_path)

        assert (report.verdict, report.files) == (CheckVerdict.INVALID, [])
        assert codes(report) == [("set.no-files", None)]
        assert report.findings[0].message

    def test_unless_no_row_was_to_come(self, tmp_path: Path) -> None:
        assert check(tmp_path, records=0).verdict is CheckVerdict.VALID

    @pytest.mark.parametrize("given", [None, "manifest-d-r1.json"])
    def test_or_a_manifest_says_that_there_is_none(self, tmp_path: Path, put: Any, given: str | None) -> None:
        put(**{"manifest-d-r1__json": manifest()})

        assert check(tmp_path, manifest=given).verdict is CheckVerdict.VALID

    def test_where_all_are_missing_that_is_what_is_told(self, tmp_path: Path, put: Any) -> None:
        put(**{"manifest-d-r1__json": manifest(("gone.json", 7, "here"))})

        assert codes(check(tmp_path)) == [("manifest.file-missing", "gone.json")]


class TestRows:
    @pytest.mark.parametrize(("records", "code"), [(3, None), (2, "set.count-mismatch"), (4, "set.count-mismatch")])
    def test_they_are_those_of_all_files(self, tmp_path: Path, put: Any, records: int, code: str | None) -> None:
        put(a__json=TWO, b__json=ONE)

        report = check(tmp_path, records=records)

        assert codes(report) == ([(code, None)] if code else [])
        assert report.rows == 3

    @pytest.mark.parametrize("level", [Level.STRUCTURE, Level.LISTING])
    def test_where_nobody_counts_them_they_cannot_be_compared(self, tmp_path: Path, put: Any, level: Level) -> None:
        put(a__json=TWO)

        with pytest.raises(UncountableError, match=r"here/a\.json"):
            check(tmp_path, records=2, level=level)
        assert check(tmp_path, level=level).verdict is CheckVerdict.VALID

    def test_parquet_says_how_many_it_has(self, tmp_path: Path, put: Any) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "a.parquet")

        assert check(tmp_path, records=3, level=Level.STRUCTURE).verdict is CheckVerdict.VALID
        with pytest.raises(UncountableError):
            check(tmp_path, records=3, level=Level.LISTING)

    def test_nobody_counts_those_of_encrypted_files(self, tmp_path: Path, put: Any) -> None:
        put(a__csv__gpg=b"\x85\x01\x0c" + b"x" * 300)

        with pytest.raises(UncountableError, match="gpg"):
            check(tmp_path, records=2)


def test_a_double_is_a_warning_until_there_are_too_many_rows(tmp_path: Path, put: Any) -> None:
    put(a__json=TWO, b__json=TWO)

    alike, too_many = check(tmp_path), check(tmp_path, records=2)

    assert alike.verdict is CheckVerdict.VALID
    assert states(alike) == {"a.json": FileState.WHOLE, "b.json": FileState.WHOLE}
    [warning] = alike.files[1].warnings
    assert (warning.code, warning.where) == ("set.duplicate-file", None)
    assert "a.json" in warning.message
    assert alike.files[0].warnings == []
    assert too_many.verdict is CheckVerdict.INVALID
    assert states(too_many) == {"a.json": FileState.WHOLE, "b.json": FileState.UNEXPECTED}
    assert too_many.files[1].warnings == []


def test_a_gap_in_the_numbers_is_told_with_the_file_behind_it(tmp_path: Path, put: Any) -> None:
    put(a__csv=CSV, a_3__csv=b"a,b\n5,6\n")

    report = check(tmp_path)

    assert codes(report) == [("set.split-gap", "a_3.csv")]
    assert states(report) == {"a.csv": FileState.WHOLE, "a_3.csv": FileState.DIFFERS}


class Watching:
    def __init__(self) -> None:
        self.told: list[Any] = []

    def foresee(self, foreseen: Any) -> None:
        self.told.append(("foresee", foreseen.files))

    def begin(self, files: int, size: int) -> None:
        self.told.append(("begin", files, size))

    def done(self, file: LooseFile) -> None:
        self.told.append(("done", file.path))


def test_who_watches_is_told_before_between_and_after(tmp_path: Path, put: Any) -> None:
    put(b__json=ONE, a__json=TWO)
    watcher = Watching()

    check(tmp_path, watcher=watcher)

    assert watcher.told == [
        ("foresee", 2),
        ("begin", 2, len(ONE) + len(TWO)),
        ("done", "here/a.json"),
        ("done", "here/b.json"),
    ]
