"""What can be mapped: the union schema of the profile store, and the identity namespaces.

Adobe: "Activate audiences to file-based destinations by using the Flow Service API", create an input schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.adobe import attributes, problems
from emulator.adobe.entities import Sandbox
from emulator.adobe.http import Call, Json, Reply
from emulator.adobe.world import World

PROFILE_PATH = "/data/core/ups/config/entityTypes/_xdm.context.profile"
NAMESPACES_PATH = "/data/core/idnamespace/identities"
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_STANDARD = (
    ("CORE", 0, "COOKIE", "CORE"),
    ("ECID", 4, "COOKIE", "ECID"),
    ("Email", 6, "Email", "Email"),
    ("Phone", 7, "Phone", "Phone"),
    ("Email_LC_SHA256", 11, "Email", "Emails (SHA256, lowercased)"),
    ("Phone_E.164", 17, "Phone", "Phone (E.164)"),
    ("GAID", 20914, "DEVICE", "Google Ad ID (GAID)"),
    ("IDFA", 20915, "DEVICE", "Apple IDFA (ID for Advertisers)"),
)
_CREATED = 1551688425455


class UnionSchema:
    """Answers for the union schema and for the namespaces."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, call: Call, sandbox: Sandbox) -> Reply:  # noqa: ARG002  profiles are the same in all sandboxes
        """Raises :class:`Problem` for anything but GET."""
        if call.method != "GET":
            raise problems.empty(405)
        with self._world.lock:
            profiles = self._world.profiles.at(self._world.clock.now()).values()
        return Reply(200, of(profiles) if call.path == PROFILE_PATH else namespaces(profiles))


def of(profiles: Iterable[Mapping[str, Any]]) -> Json:
    """The schema that all `profiles` fit, as a JSON Schema with Adobe's ``meta:xdmType``."""
    properties: dict[str, Any] = {}
    for profile in profiles:
        _gather(profile, properties)
    properties[attributes.SEGMENT_MEMBERSHIP] = _map("Segment membership map")
    properties[attributes.IDENTITY_MAP] = _map("IdentityMap")
    return {
        "title": "XDM Individual Profile",
        "description": "A singular representation of the attributes and interests of an individual.",
        "type": "object",
        "properties": properties,
    }


def namespaces(profiles: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The standard identity namespaces, and those that profiles use beside them."""
    used = {namespace for profile in profiles for namespace, _ in attributes.identities(profile)}
    found = [_namespace(*entry, custom=False) for entry in _STANDARD]
    known = {entry[0] for entry in _STANDARD}
    for number, code in enumerate(sorted(used - known), start=10_000_001):
        found.append(_namespace(code, number, "CROSS_DEVICE", code, custom=True))
    return found


def _gather(value: Mapping[str, Any], properties: dict[str, Any]) -> None:
    for name, item in value.items():
        if isinstance(item, Mapping):
            known = properties.setdefault(name, {"title": name, "type": "object", "meta:xdmType": "object"})
            _gather(item, known.setdefault("properties", {}))
        elif isinstance(item, list):
            properties.setdefault(name, {"title": name, "type": "array", "meta:xdmType": "array"})
        elif item is not None:
            kind = _TYPES[type(item)]
            properties.setdefault(name, {"title": name, "type": kind, "meta:xdmType": kind})


def _map(title: str) -> Json:
    return {"title": title, "type": "object", "meta:xdmType": "map", "additionalProperties": {"type": "object"}}


def _namespace(code: str, number: int, id_type: str, name: str, *, custom: bool) -> Json:
    return {
        "updateTime": _CREATED,
        "code": code,
        "status": "ACTIVE",
        "description": name,
        "id": number,
        "createTime": _CREATED,
        "idType": id_type,
        "namespaceType": "Custom" if custom else "Standard",
        "name": name,
        "custom": custom,
    }
