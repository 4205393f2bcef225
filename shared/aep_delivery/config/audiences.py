"""What an audience delivery declares: the audiences, each with its schedule and file name, and the attributes."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from aep_delivery.config.audience_schedule import AudienceSchedule
from aep_delivery.config.base import ConfigModel, TextRule, Violation, refuse
from aep_delivery.config.filenames import FilenameTemplate
from aep_delivery.config.naming import AudienceId, AudienceName
from aep_delivery.config.schedule import ExportMode

AttributePath = Annotated[
    str,
    Field(max_length=512),
    TextRule.shape(
        r"^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$",
        Violation(
            "config.attribute-path",
            "is not the path of a profile attribute",
            "Write names and dots, as the profile schema has them: person.name.lastName.",
        ),
    ),
]
ColumnName = Annotated[
    str,
    Field(max_length=255),
    TextRule.shape(
        r"^[A-Za-z_][A-Za-z0-9_]*$",
        Violation(
            "config.column-name", "is not a name for a column", "Use letters, digits and underscores: last_name."
        ),
    ),
]
Namespace = Annotated[
    str,
    TextRule.shape(
        r"^[A-Za-z0-9_]{1,64}$",
        Violation(
            "config.identity-namespace", "is not an identity namespace", "Give its symbol, as in Email or CRMID."
        ),
    ),
]


class Audience(ConfigModel):
    """One audience, by id or by name. What it leaves out, `activation` says for all."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["id"]}, {"required": ["name"]}]})

    id: Annotated[AudienceId | None, Field(examples=["9f7d37fd-7039-4454-94ef-2b0cd6c3206a"])] = None
    """The audience's id."""
    name: Annotated[AudienceName | None, Field(examples=["Loyalty gold"])] = None
    """The audience's name, exactly as in Experience Platform."""
    export_mode: Annotated[ExportMode | None, Field(strict=False, examples=["DAILY_FULL_EXPORT"])] = None
    """All members each time, or all at first and then those who joined or changed."""
    schedule: AudienceSchedule | None = None
    """When it is exported."""
    filename_template: Annotated[FilenameTemplate | None, Field(examples=["gold_%DATETIME(YYYYMMdd_HHmmss)%"])] = None
    """What its files are called."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if self.id is not None and self.name is not None:
            refuse(
                Violation("config.audience-ambiguous", "has both `id` and `name`", "Keep one of the two.", ("name",))
            )
        if self.id is None and self.name is None:
            refuse(Violation("config.audience-unnamed", "has neither `id` nor `name`", "Give one of the two."))
        return self

    def __str__(self) -> str:
        return self.id or self.name or ""


class Attribute(ConfigModel):
    """A profile attribute, or an identity, as a column of the files."""

    source: Annotated[str, Field(max_length=512, examples=["person.name.lastName", "identityMap.Email"])]
    """Where it comes from: the path in the profile, or `identityMap.` and a namespace."""
    column: Annotated[ColumnName | None, Field(examples=["last_name"])] = None
    """The column's name. The path with underscores for dots, where it is left out; destinations of the first
    generation allow no other."""

    @property
    def column_name(self) -> str:
        """The column's name."""
        return self.column or self.source.replace(".", "_")


class PrimaryField(ConfigModel):
    """A deduplication key: one identity namespace, or one of at most two attributes."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["attributePath"]}, {"required": ["identityNamespace"]}]}
    )

    attribute_path: Annotated[AttributePath | None, Field(examples=["personalEmail.address"])] = None
    """The attribute."""
    identity_namespace: Annotated[Namespace | None, Field(examples=["Email"])] = None
    """The identity namespace."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.attribute_path is None) == (self.identity_namespace is None):
            refuse(
                Violation(
                    "config.primary-field",
                    "must be either an attribute or an identity",
                    "Give one of `attributePath` and `identityNamespace`.",
                )
            )
        return self


class Activation(ConfigModel):
    """What is exported of the audiences' members, and what holds for audiences that do not say otherwise."""

    export_mode: Annotated[ExportMode | None, Field(strict=False, examples=["DAILY_FULL_EXPORT"])] = None
    """All members each time, or all at first and then those who joined or changed."""
    schedule: AudienceSchedule | None = None
    """When audiences are exported that have no schedule of their own."""
    filename_template: Annotated[
        FilenameTemplate | None, Field(examples=["%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%"])
    ] = None
    """What the files are called. Adobe's default is the destination's name, the audience's id and the time."""
    attributes: Annotated[
        tuple[Attribute, ...],
        Field(
            strict=False,
            json_schema_extra={"minItems": 1, "uniqueItems": True},
            examples=[[{"source": "personalEmail.address", "column": "email"}]],
        ),
    ]
    """The columns of the files."""
    mandatory_fields: Annotated[
        tuple[AttributePath, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}, examples=[["personalEmail.address"]]),
    ] = ()
    """Attributes without which a profile is left out. They are among the `attributes`."""
    primary_fields: Annotated[
        tuple[PrimaryField, ...], Field(strict=False, examples=[[{"identityNamespace": "Email"}]])
    ] = ()
    """The deduplication key. Without one Adobe may export a person more than once."""
    prune: Annotated[bool, Field(examples=[True])] = False
    """Whether audiences that somebody else has put on the dataflow are removed from it."""

    @model_validator(mode="after")
    def _keys_and_columns(self) -> Self:
        violations = [*self._of_attributes(), *self._of_mandatory(), *self._of_primary()]
        if violations:
            refuse(*violations)
        return self

    def _of_attributes(self) -> list[Violation]:
        if not self.attributes:
            return [Violation("config.no-attributes", "lists no column", "Add `- source: …`.", ("attributes",))]
        found: list[Violation] = []
        columns: dict[str, int] = {}
        for index, attribute in enumerate(self.attributes):
            earlier = columns.setdefault(attribute.column_name, index)
            if earlier != index:
                found.append(
                    Violation(
                        "config.column-duplicate",
                        f"makes the same column as attributes[{earlier}]",
                        "Give one of them another `column`.",
                        ("attributes", index),
                    )
                )
        return found

    def _of_mandatory(self) -> list[Violation]:
        sources = {attribute.source for attribute in self.attributes}
        return [
            Violation(
                "config.mandatory-not-mapped",
                "is not among the `attributes`",
                "Add it there, too: only what is exported can be mandatory.",
                ("mandatoryFields", index),
            )
            for index, path in enumerate(self.mandatory_fields)
            if path not in sources
        ]

    def _of_primary(self) -> list[Violation]:
        namespaces = [field for field in self.primary_fields if field.identity_namespace]
        attributes = [field for field in self.primary_fields if field.attribute_path]
        if len(namespaces) > 1 or len(attributes) > 2 or (namespaces and attributes):
            return [
                Violation(
                    "config.primary-fields",
                    "is more than Adobe takes as a deduplication key",
                    "One identity namespace, or up to two attributes; never both.",
                    ("primaryFields",),
                )
            ]
        sources = {attribute.source for attribute in self.attributes}
        return [
            Violation(
                "config.primary-not-mapped",
                "is not among the `attributes`",
                "Add it there, too: only what is exported can be a key.",
                ("primaryFields", index),
            )
            for index, field in enumerate(self.primary_fields)
            if field.attribute_path and field.attribute_path not in sources
        ]
