"""Changes of an entity as JSON Patch: what Adobe knows of it, credentials hidden."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, InstanceOf, JsonValue, SecretStr, model_validator

from aep_delivery.adobe.answers import JsonObject
from aep_delivery.adobe.request_model import RequestModel


class JsonPatchOperation(RequestModel):
    """One change of an entity (RFC 6902). Adobe knows no ``move``, ``copy`` or ``test``; ``op`` is lower case."""

    op: Literal["add", "replace", "remove"]
    path: Annotated[str, Field(pattern=r"^/")]
    value: dict[str, InstanceOf[SecretStr]] | InstanceOf[SecretStr] | JsonValue = None
    """The new value. What replaces something below ``/auth`` is kept secret, however it is given."""

    @model_validator(mode="before")
    @classmethod
    def _keep_credentials_secret(cls, data: Any) -> Any:
        if isinstance(data, dict) and str(data.get("path")).startswith("/auth"):
            return {**data, "value": _hidden(data.get("value"))}
        return data

    def body(self) -> JsonObject:
        """The operation, the credentials in clear."""
        if self.op == "remove":
            return self.public_body()
        return {**self.public_body(), "value": _revealed(self.value)}

    def public_body(self) -> JsonObject:
        """The operation, its value left out where it holds credentials."""
        target: JsonObject = {"op": self.op, "path": self.path}
        hidden = isinstance(self.value, SecretStr) or (
            isinstance(self.value, dict) and any(isinstance(member, SecretStr) for member in self.value.values())
        )
        return target if self.op == "remove" or hidden else {**target, "value": _revealed(self.value)}


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(member) for name, member in value.items()}
    return SecretStr(value) if isinstance(value, str) else value


def _revealed(value: dict[str, SecretStr] | SecretStr | JsonValue) -> JsonValue:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {name: _revealed(member) for name, member in value.items()}
    return value
