"""A field that is called otherwise at another destination is answered with the one that means the same here."""

from __future__ import annotations

import itertools

import pytest

from aep_delivery.config.advice import SAME_MEANING
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.config.schema import config_schema, field_schema

TYPES = list(config_schema()["properties"]["destination"]["discriminator"]["mapping"])


def _fields(destination: str) -> set[str]:
    return {*field_schema(("destination",), {"destination": {"type": destination}})["properties"]}


def _said(destination: str, field: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(f"version: 1\ndestination: {{type: {destination}, {field}: x}}\n".encode(), "crm.yaml")
    return next(found.message for found in caught.value.diagnostics if found.path == f"destination.{field}")


@pytest.mark.parametrize(("destination", "names"), [*itertools.product(TYPES, SAME_MEANING)])
def test_every_name_for_one_thing_is_answered_with_the_name_it_has_here(
    destination: str, names: tuple[str, ...]
) -> None:
    known = _fields(destination)
    here = [name for name in names if name in known]
    for name in {*names} - known if here else ():
        assert _said(destination, name) in {f"not a known field, did you mean {each}?" for each in here}


@pytest.mark.parametrize(
    ("destination", "field", "meant"),
    [
        ("sftp", "path", "remotePath"),
        ("sftp", "remotPath", "remotePath"),
        ("amazon-s3", "remotPath", "path"),
        ("amazon-s3", "bucket_name", "bucketName"),
        ("azure-blob", "bucketNam", "container"),
        ("sftp", "auht", "auth"),
    ],
)
def test_spelling_counts_where_meaning_says_nothing(destination: str, field: str, meant: str) -> None:
    assert _said(destination, field) == f"not a known field, did you mean {meant}?"
