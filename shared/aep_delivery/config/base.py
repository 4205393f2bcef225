"""What every section of the config shares: the model's strictness and the way a rule says no."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

RULE = "config_rule"
"""The pydantic error type that carries :class:`Violation` objects in its context."""


class ConfigModel(BaseModel):
    """A section of the config: frozen, strict, no unknown fields, camelCase outside and snake_case inside.

    Inputs are hidden in pydantic's own error text, because a config may hold a secret pasted into the wrong place.
    """

    # The models that a function asks nothing of are never built: that is most of what starting it takes.
    model_config = ConfigDict(
        defer_build=True,
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True)
class Violation:
    """A rule that a config breaks, told without the offending value.

    Attributes:
        code: Stable code, ``config.…``.
        message: What is wrong, in half a sentence that follows the field's name.
        hint: What to write instead.
        field: The field it is about, relative to where the rule stands.
        at_name: True where the field's name breaks the rule, not its value.
    """

    code: str
    message: str
    hint: str
    field: tuple[str | int, ...] = ()
    at_name: bool = False


def refuse(*violations: Violation) -> NoReturn:
    """Fail a validator with everything it found.

    Raises:
        PydanticCustomError: Always; ``load_config`` turns it into diagnostics with positions.
    """
    raise PydanticCustomError(RULE, "breaks a rule of the config", {"violations": violations})


@dataclass(frozen=True)
class TextRule:
    """A rule on a text field, once as code with a good message and once as a pattern for editors.

    Attributes:
        pattern: Regular expression in the dialect that JSON Schema and Python share; says the same as ``check``.
        check: Gives the first broken rule, None where the text is fine.
    """

    pattern: str
    check: Callable[[str], Violation | None]

    @classmethod
    def shape(cls, pattern: str, violation: Violation) -> TextRule:
        """The common case: one pattern, one thing to say."""
        compiled = re.compile(pattern.removesuffix("$"))
        return cls(pattern, lambda text: None if compiled.fullmatch(text) else violation)

    def _validate(self, text: str) -> str:
        violation = self.check(text)
        if violation is not None:
            refuse(violation)
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}
