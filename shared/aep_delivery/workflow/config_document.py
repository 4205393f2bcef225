"""The normalised config as the work bucket keeps it, with the places its fields had in the file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.documents import Documents, read_document
from aep_delivery.workflow.messages import DeliveryRef


class ConfigDocument(BaseModel):
    """A config that was read, and where from."""

    model_config = ConfigDict(frozen=True)

    source: str
    """The file's name."""
    positions: dict[str, tuple[int, int]]
    """Line and column of each field, by its dotted path."""
    config: dict[str, Any]

    def delivery(self) -> DeliveryConfig:
        return DeliveryConfig.from_document(self.config)

    def locate(self, error: DeliveryError) -> None:
        """Turn an error's place from a field's path into ``file:line:column``, where the field is in the file."""
        path = error.place or ""
        while path and path not in self.positions:
            path = path.rpartition(".")[0]
        if path:
            line, column = self.positions[path]
            error.place = f"{self.source}:{line}:{column}: {error.place}"


def read_config(documents: Documents, delivery: DeliveryRef) -> ConfigDocument:
    """The config of this execution. Raises ``InternalError`` where the document is missing or damaged."""
    return read_document(documents, delivery.config, ConfigDocument)
