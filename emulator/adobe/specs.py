"""Connection specs and flow specs, served and enforced from one data file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, cast

from emulator.adobe.http import Json

DATA_LAKE = "23598e46-f560-407b-88d5-ea6207e49db0"
NOT_WEEKLY = frozenset({"be2c3209-53bc-47e7-ab25-145db8b873e1"})
"""Of the current destinations, Azure Data Lake Gen2 alone is not listed among those with weekly and monthly exports."""
PROFILE_STORE = "8a9c3494-9708-43d7-ae3f-cda01e5030e1"


class Specs:
    """The catalogue of one Adobe: what can be connected, and which flows fit which connections."""

    def __init__(self, connections: Mapping[str, Json], flows: Mapping[str, Json]) -> None:
        self.connections = connections
        self.flows = flows

    def secret_params(self, connection_spec_id: str, auth_name: str) -> frozenset[str]:
        """The auth parameters that are never shown again, told by ``format: password``."""
        spec = self.auth(connection_spec_id, auth_name)
        properties = spec["spec"]["properties"] if spec else {}
        return frozenset(name for name, rule in properties.items() if rule.get("format") == "password")

    def auth(self, connection_spec_id: str, auth_name: str) -> Json | None:
        offered = self.connections[connection_spec_id]["authSpec"]
        return next((spec for spec in offered if spec["name"] == auth_name), None)

    def is_current(self, connection_spec_id: str) -> bool:
        """Whether a destination is of the current generation."""
        return bool(self.connections[connection_spec_id]["attributes"]["generation"] == "V2")

    def exports_datasets(self, flow_spec_id: str) -> bool:
        """Whether flows of this spec carry datasets; the others carry audiences."""
        return "DATASETS" in self.flows[flow_spec_id]["attributes"]["_workflow"]


def load() -> Specs:
    text = resources.files(__package__).joinpath("specs.json").read_text("utf-8")
    document = cast("dict[str, list[dict[str, Any]]]", json.loads(text))
    return Specs(
        {spec["id"]: spec for spec in document["connectionSpecs"]},
        {spec["id"]: spec for spec in document["flowSpecs"]},
    )
