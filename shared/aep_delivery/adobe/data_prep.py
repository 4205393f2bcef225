"""Mapping sets: which attribute of a profile becomes which column, as the current generation of destinations wants it.

Sources: Adobe: Activate audiences to file-based destinations by API, set up attribute and identity mapping; Data Prep
API, mapping sets. A mapping set can't be changed: other columns are another set.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from aep_delivery.adobe.answers import JsonObject, items_of, json_object, read_model, unreadable
from aep_delivery.adobe.endpoints import DATA_PREP, FLOW_SERVICE, PROFILE_SCHEMA
from aep_delivery.adobe.models import Answer
from aep_delivery.adobe.profile_schema import refuse_unknown
from aep_delivery.adobe.transport import AdobeTransport

_IDENTITIES = "identityMap."
_SCHEMAS = f"{DATA_PREP}/schemas"
_MAPPING_SETS = f"{DATA_PREP}/mappingSets"


class FieldMapping(BaseModel):
    """One column: where it comes from and what it is called.

    Attributes:
        source: A path in the profile, or ``identityMap.`` and a namespace, dots as they are.
        column: Without dots, which Adobe refuses.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    column: str


class MappingSet(BaseModel):
    """A mapping set as a dataflow refers to it.

    Attributes:
        mappings: The columns in their order.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    version: int
    mappings: list[FieldMapping]


class _StoredMapping(Answer):
    source: str
    destination: str


class _Created(Answer):
    id: str = Field(min_length=1)
    version: int = 0


class _Stored(_Created):
    mappings: list[_StoredMapping] = Field(default_factory=list)


class DataPrep:
    """Data Prep, as far as destinations need it.

    Args:
        transport: The way to Adobe.
    """

    def __init__(self, transport: AdobeTransport) -> None:
        self._transport = transport

    def check_sources(self, sources: Sequence[str]) -> None:
        """See that every source is in the sandbox's profile schema; changes nothing.

        Raises:
            UserError: ``attribute.unknown``: all that are not, each with what may have been meant.
        """
        refuse_unknown(sources, self._profile_schema())

    def create_mapping_set(self, connection_spec_id: str, mappings: Sequence[FieldMapping], name: str) -> MappingSet:
        """Create a mapping set with its two schemas, from the profile's to the destination's.

        A repeated call makes another set, which does nothing until a dataflow refers to it.

        Args:
            connection_spec_id: The destination's connection specification, which holds its schema.
            mappings: The columns in their order.
            name: What to call the schemas.

        Raises:
            UserError: ``attribute.unknown``, or a refusal of Adobe's.
            AdobeInternalError: ``adobe.answer-unreadable``; the destination has no schema, for instance.
        """
        profile = self._profile_schema()
        refuse_unknown([mapping.source for mapping in mappings], profile)
        into = _with_columns(self._partner_schema(connection_spec_id), mappings)
        body: JsonObject = {
            "inputSchema": {"id": self._create_schema(f"{name}: profile", profile)},
            "outputSchema": {"id": self._create_schema(f"{name}: destination", into)},
            "mappings": [
                {"destination": mapping.column, "source": _escaped(mapping.source), "sourceType": "ATTRIBUTE"}
                for mapping in mappings
            ],
            "xdmVersion": "1.0",
        }
        created = self._create(_MAPPING_SETS, body)
        return MappingSet(id=created.id, version=created.version, mappings=list(mappings))

    def mapping_set(self, mapping_set_id: str, version: int) -> MappingSet:
        """Read a mapping set.

        Args:
            mapping_set_id: ``mappingId`` of a dataflow.
            version: ``mappingVersion`` of a dataflow.

        Raises:
            EntityNotFoundError: There is none.
        """
        place = f"GET {_MAPPING_SETS}"
        path = f"{_MAPPING_SETS}/{quote(mapping_set_id, safe='')}"
        stored = read_model(_Stored, json_object(self._transport.request("GET", path), place=place), place=place)
        mappings = [FieldMapping(source=_plain(one.source), column=one.destination) for one in stored.mappings]
        return MappingSet(id=stored.id, version=version, mappings=mappings)

    def _profile_schema(self) -> JsonObject:
        return json_object(self._transport.request("GET", PROFILE_SCHEMA), place=f"GET {PROFILE_SCHEMA}")

    def _partner_schema(self, connection_spec_id: str) -> JsonObject:
        place = "GET /connectionSpecs"
        path = f"{FLOW_SERVICE}/connectionSpecs/{quote(connection_spec_id, safe='')}"
        found: JsonValue = next(
            iter(items_of(json_object(self._transport.request("GET", path), place=place), place=place)), None
        )
        for name in ("targetSpec", "attributes", "partnerSchema", "jsonSchema"):
            found = found.get(name) if isinstance(found, dict) else None
        if not isinstance(found, dict):
            raise unreadable(place, "no targetSpec.attributes.partnerSchema.jsonSchema")
        return found

    def _create_schema(self, name: str, schema: JsonObject) -> str:
        return self._create(_SCHEMAS, {"name": name, "jsonSchema": schema}).id

    def _create(self, path: str, body: JsonObject) -> _Created:
        # What is made twice by a repeated request is of no consequence.
        answer = self._transport.request("POST", path, json=body, repeatable=True)
        return read_model(_Created, json_object(answer, place=f"POST {path}"), place=f"POST {path}")


def _with_columns(schema: JsonObject, mappings: Sequence[FieldMapping]) -> JsonObject:
    """The destination's schema with the columns in it, as Adobe's sample has them: an identity is a list."""
    properties = schema.get("properties")
    identity: JsonObject = {"id": {"title": "id", "type": "string", "meta:xdmType": "string"}}
    columns: JsonObject = {
        mapping.column: {
            "title": mapping.column,
            "type": "array",
            "items": {"type": "object", "properties": identity, "meta:xdmType": "object"},
            "meta:xdmType": "array",
        }
        if mapping.source.startswith(_IDENTITIES)
        else {"title": mapping.column, "type": "string"}
        for mapping in mappings
    }
    return {**schema, "properties": {**(properties if isinstance(properties, dict) else {}), **columns}}


def _escaped(source: str) -> str:
    """A source as Adobe reads it: a dot within a namespace's name, as in ``Phone_E.164``, would part it."""
    if not source.startswith(_IDENTITIES):
        return source
    return _IDENTITIES + source.removeprefix(_IDENTITIES).replace(".", "//.")


def _plain(source: str) -> str:
    return source.replace("//.", ".")
