"""What makes several files one config: the file that another extends, and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, TypeAlias

from pydantic import Field, WithJsonSchema, field_validator

from aep_delivery.config.base import ConfigModel, TextRule, Violation, refuse
from aep_delivery.config.masking import looks_secret, names_secret
from aep_delivery.config.naming import SECRET_SCHEME

FILE_SUFFIXES = (".yaml", ".yml", ".json")
MAX_VARIABLE = 512
"""Characters of a variable's value."""
MAX_VARIABLES = 100
"""Variables of a file."""
VARIABLE_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,62}"

_FORBIDDEN = re.compile(r"[\\:$\x00-\x1f\x7f]")

Scalar: TypeAlias = str | int | bool


def check_file_reference(reference: str) -> Violation | None:
    """The first rule that the name of an extended file breaks: it lies in the same folder or below."""
    if _FORBIDDEN.search(reference):
        return Violation(
            "config.extends-reference",
            "is not the name of a file beside this one (no address, no variable)",
            "Write the file's name, with `/` between folders: nyc-flights.base.yaml.",
        )
    if any(folder in ("", ".", "..") for folder in reference.split("/")):
        return Violation(
            "config.extends-reference",
            "must stay in this file's folder or in one below it",
            "Put the base beside this file, and write its name without `/` in front, `./` and `../`.",
        )
    if not reference.endswith(FILE_SUFFIXES):
        return Violation(
            "config.extends-reference", "is not the name of a config file", "It ends in .yaml, .yml or .json."
        )
    return None


FileReference = Annotated[
    str,
    Field(max_length=512),
    TextRule(
        r"^(?!/)(?!.*//)(?!(?:.*/)?\.{1,2}(?:/|$))[^\\:$\x00-\x1f\x7f]*\.(?:ya?ml|json)$",
        check_file_reference,
    ),
]


class FileParts(ConfigModel):
    """The fields that are about files and not about the delivery: composing uses them up."""

    extends: Annotated[FileReference | None, Field(examples=["nyc-flights.base.yaml"])] = None
    """The file whose fields this one builds on, in the same folder or below: sections are merged field by field,
    everything else here replaces what is there."""
    variables: Annotated[
        dict[str, object],
        WithJsonSchema(
            {
                "type": "object",
                "maxProperties": MAX_VARIABLES,
                "propertyNames": {"pattern": f"^{VARIABLE_NAME}$"},
                "additionalProperties": {"type": ["string", "integer", "boolean"], "maxLength": MAX_VARIABLE},
            }
        ),
        Field(default_factory=dict, examples=[{"bucket": "my-dev-bucket"}]),
    ]
    """Values for `${name}` in this file's texts and in those of the files it extends; the nearest file decides."""

    @field_validator("variables")
    @classmethod
    def _sound(cls, variables: dict[str, object]) -> dict[str, object]:
        if len(variables) > MAX_VARIABLES:
            refuse(Violation("config.too-long", f"has more than {MAX_VARIABLES} variables", "Remove some of them."))
        violations = [found for name, value in variables.items() for found in _broken(name, value)]
        if violations:
            refuse(*violations)
        return variables


def _broken(name: str, value: object) -> Iterator[Violation]:
    if not re.fullmatch(VARIABLE_NAME, name):
        yield Violation(
            "config.variable-name",
            "is not a name for a variable",
            "Up to 63 letters, digits, `_` and `-`, starting with a letter.",
            (name,),
            at_name=True,
        )
    if not isinstance(value, str | int | None):
        yield Violation(
            "config.wrong-type",
            "must be text, a whole number, or true or false",
            "Put a fraction in quotes; lists and sections cannot be variables.",
            (name,),
        )
    elif isinstance(value, str):
        yield from _broken_text(name, value)
    elif value is not None and names_secret(name):
        yield _secret(name)


def _broken_text(name: str, text: str) -> Iterator[Violation]:
    reference = text.startswith(SECRET_SCHEME)
    if looks_secret(text) or (names_secret(name) and not reference):
        yield _secret(name)
    elif len(text) > MAX_VARIABLE:
        yield Violation("config.too-long", f"is longer than {MAX_VARIABLE} characters", "Shorten it.", (name,))
    elif "${" in text:
        hint = "Write both where they are needed: `path: ${folder}/${team}`."
        yield Violation("config.variable-nested", "uses a variable itself", hint, (name,))


def _secret(name: str) -> Violation:
    return Violation(
        "config.secret-in-config",
        "a credential does not belong into a config (what is there now is not shown)",
        "A variable may hold a reference to a secret, `secret://` and its name. "
        "If a real secret stood here, rotate it.",
        (name,),
    )
