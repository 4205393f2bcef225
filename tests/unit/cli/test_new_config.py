from __future__ import annotations

from hypothesis import assume, example, given
from hypothesis import strategies as st

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.cli.asking import fits
from aep_delivery.cli.new_config import NewDelivery, config_text, sample_of
from aep_delivery.config.load import load_config
from aep_delivery.config.naming import DatasetName

ROW = load_catalogue().destination("amazon-s3")


def new(*items, **changes):
    answers = {
        "name": "flights",
        "sandbox": "prod",
        "destination": ROW,
        "auth": "access-key",
        "exports": "datasets",
        "items": list(items),
        "place": {"bucketName": "my-bucket", "path": "exports/flights"},
        "schedule": "3h",
        "secret": "flights",
    }
    return NewDelivery(**answers | changes)


@given(st.text(min_size=1, max_size=60))
@example("${bucket} and $${x} and ${")
@example("no # comment: 'quoted' \"twice\" \\ ")
@example("0\x850")
@example("a\u2028b")
@example("null")
@example("Yes")
@example("1e5")
@example("- x")
@example("Flights: 2013")
def test_any_name_is_read_back_as_it_was_answered(name):
    assume(fits(DatasetName, name))
    config = load_config(config_text(new(name)).encode(), "flights.yaml")
    assert [item.name for item in config.datasets] == [name]


def test_ids_are_told_from_names():
    text = config_text(new("111111111111111111111111", "1111"))
    first, second = load_config(text.encode(), "flights.yaml").datasets
    assert (first.id, second.name) == ("111111111111111111111111", "1111")
    audiences = {"exports": "audiences", "attributes": ("a.b",), "schedule": "daily"}
    text = config_text(new("9f7d37fd-7039-4454-94ef-2b0cd6c3206a", "Gold", **audiences))
    first, second = load_config(text.encode(), "flights.yaml").audiences
    assert (first.id, second.name) == ("9f7d37fd-7039-4454-94ef-2b0cd6c3206a", "Gold")


def test_the_first_attribute_is_the_key():
    text = config_text(new("Gold", exports="audiences", attributes=("crm.id", "a.b"), schedule="weekly"))
    activation = load_config(text.encode(), "flights.yaml").activation
    assert [attribute.source for attribute in activation.attributes] == ["crm.id", "a.b"]
    assert activation.mandatory_fields == ("crm.id",)
    assert [field.attribute_path for field in activation.primary_fields] == ["crm.id"]


def test_every_section_is_explained():
    text = config_text(new("Flights"))
    assert text.count("#") > 15
    assert sample_of(ROW.auth_specs[0]) in text
    assert max(map(len, text.splitlines())) <= 120
