"""JSON Schemas whose descriptions are the docstrings below the fields."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

if TYPE_CHECKING:
    from pydantic_core.core_schema import ModelSchema


class Described(GenerateJsonSchema):
    """Pydantic's generator, with descriptions from docstrings and without the titles that it makes up of names.

    Pydantic's own ``use_attribute_docstrings`` parses the source of every model when it is defined: a fifth of what a
    function does to start, and no function is asked for a schema.
    """

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - the signature is pydantic's
        """Never: such a title says nothing that the name does not."""
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """A model's schema, each property with what stands below its field."""
        generated = super().model_schema(schema)
        properties = generated.get("properties", {})
        model: type[BaseModel] = schema["cls"]
        docstrings = field_docstrings(model)
        for name, field in model.model_fields.items():
            written = properties.get(field.alias if self.by_alias and field.alias else name)
            if name in docstrings and written is not None:
                written.setdefault("description", docstrings[name])
        return generated


@cache
def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings below the fields of a model and of those it is derived from, by the fields' names.

    Raises:
        OSError: There is no source to read them from.
    """
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if one is not BaseModel and issubclass(one, BaseModel):
            (definition,) = ast.parse(inspect.getsource(one)).body
            assert isinstance(definition, ast.ClassDef)
            found |= dict(_docstrings(definition.body))
    return found


def _docstrings(body: list[ast.stmt]) -> list[tuple[str, str]]:
    return [
        (field.target.id, inspect.cleandoc(text.value.value))
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    ]
