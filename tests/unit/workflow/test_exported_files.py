from __future__ import annotations

import pytest

from aep_delivery.workflow.exported_files import may_be_the_same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("s3://a", "s3://a", True),
        ("s3://a", "s3://b", False),
        ("s3://a", "gs://a", False),
        ("sftp:", "sftp:", True),
        ("azure://a", "azure://b", False),
        ("azure://a", "adls:", True),
        ("abfss://a", "azure://a", True),
        ("landing-zone:", "azure://a", False),
    ],
)
def test_in_doubt_two_locations_are_the_same_storage(one: str, other: str, *, same: bool) -> None:
    assert may_be_the_same(one, other) is same
    assert may_be_the_same(other, one) is same
