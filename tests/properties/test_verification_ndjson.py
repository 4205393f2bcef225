"""Promises of the NDJSON checker: looking at many rows in one call finds what looking at each of them finds."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from aep_delivery.verification.checkers.findings import Findings
from aep_delivery.verification.checkers.ndjson import RowCounter
from aep_delivery.verification.limits import Limits
from aep_delivery.verification.report import Finding

scraps = st.sampled_from(
    [b"{}", b'{"a":1}', b'{"a":[', b'{"b":2}', b"]}", b"\n", b"\n", b",", b" ", b"[", b"]", b"1", b'"', b"\r", b"\xff"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def judged(data: bytes, chunk: int, *, one_by_one: bool) -> tuple[int, tuple[Finding, ...]]:
    findings = Findings("part-0.json", Limits())
    rows = RowCounter(findings, Limits())
    if one_by_one:
        rows._count = lambda block: 0  # type: ignore[method-assign]
    for start in range(0, len(data), chunk):
        rows.feed(data[start : start + chunk])
    rows.finish()
    return rows.rows, findings.all()


@given(st.lists(scraps, max_size=12).map(b"".join), st.integers(1, 40))
@example(b'{"a":[{"b":1}\n{"b":2}]},{"c":3}\n', 99)
@example(b'{"a":1\n"b":2},{"c":3}\n', 99)
@example(b'{"a":"x\ny"},{"c":3}\n{}', 99)
@example(b"{}\n\n{}\n", 99)
@example(b"\n", 1)
def test_the_quick_look_and_the_look_at_each_row_agree(data: bytes, chunk: int) -> None:
    assert judged(data, chunk, one_by_one=False) == judged(data, chunk, one_by_one=True)


@given(st.lists(st.dictionaries(st.text(), values, max_size=4), min_size=1, max_size=6), st.integers(1, 99))
def test_what_python_writes_is_sound(rows: list[dict[str, object]], chunk: int) -> None:
    data = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    assert judged(data, chunk, one_by_one=False) == (len(rows), ())
