from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from aep_delivery.runtime.described import Described, field_docstrings


class Base(BaseModel):
    """What many have."""

    model_config = ConfigDict(alias_generator=to_camel)

    first_one: int
    """Of the base."""
    undescribed: int
    told_otherwise: int = Field(description="As declared.")
    """Not this."""


class Derived(Base):
    first_one: int
    """Of the derived one,
    over two lines."""
    base: Base | None = None
    """Another."""


def test_docstrings_are_those_of_the_fields_and_the_nearest_class_has_the_last_word() -> None:
    assert field_docstrings(Derived) == {
        "first_one": "Of the derived one,\nover two lines.",
        "told_otherwise": "Not this.",
        "base": "Another.",
    }


def test_a_schema_has_them_under_the_names_it_has_and_no_titles() -> None:
    properties = Derived.model_json_schema(schema_generator=Described)["properties"]

    assert {name: one.get("description") for name, one in properties.items()} == {
        "firstOne": "Of the derived one,\nover two lines.",
        "undescribed": None,
        "toldOtherwise": "As declared.",
        "base": "Another.",
    }
    assert "title" not in properties["firstOne"]
    by_name = Derived.model_json_schema(by_alias=False, schema_generator=Described)["properties"]
    assert by_name["first_one"]["description"].startswith("Of the derived")


def test_what_is_referred_to_is_described_too() -> None:
    definitions = Derived.model_json_schema(schema_generator=Described)["$defs"]

    assert definitions["Base"]["properties"]["firstOne"]["description"] == "Of the base."
