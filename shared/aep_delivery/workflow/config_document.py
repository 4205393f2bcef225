"""The normalised config as the work bucket keeps it, with the places its fields had in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.workflow.documents import Documents, read_document
from aep_delivery.workflow.messages import DeliveryRef
from aep_delivery.workflow.superseded import Dropped

if TYPE_CHECKING:
    # Brings the YAML parser, which only the step that reads the files needs.
    from aep_delivery.config.compose import Composed


class ConfigSource(BaseModel):
    """A file that a config was made of."""

    model_config = ConfigDict(frozen=True)

    name: str
    """As messages spell it."""
    key: str
    """The object's key in the config bucket."""
    version: str | None
    """The version that was read; None where the bucket keeps none."""


class ConfigDocument(BaseModel):
    """A config that was read, and where from."""

    model_config = ConfigDict(frozen=True)

    source: str
    """The config file's name."""
    sources: tuple[ConfigSource, ...] = ()
    """The objects it was made of, the config's own first; none where it came from a disk."""
    positions: dict[str, tuple[int, int]]
    """Line and column of each field, by its dotted path."""
    files: dict[str, str] = {}
    """The file in which a field stands, by its dotted path, where it stands in another than ``source``."""
    dropped: Dropped | None = None
    """What must still be there when the delivery's turn comes; None where this very version was asked for."""
    config: dict[str, Any]

    @classmethod
    def of(
        cls,
        composed: Composed,
        config: DeliveryConfig,
        sources: tuple[ConfigSource, ...] = (),
        dropped: Dropped | None = None,
    ) -> Self:
        """The document of a config that was made of these files."""
        source = composed.sources[0].name
        places = composed.positions()
        return cls(
            source=source,
            sources=sources,
            positions={field: (line, column) for field, (_, line, column) in places.items()},
            files={field: name for field, (name, _, _) in places.items() if name != source},
            dropped=dropped,
            config=config.document(),
        )

    def delivery(self) -> DeliveryConfig:
        return DeliveryConfig.from_document(self.config)

    def locate(self, error: DeliveryError) -> None:
        """Turn an error's place from a field's path into ``file:line:column``, where the field is in the file."""
        path = error.place or ""
        while path and path not in self.positions:
            path = path.rpartition(".")[0]
        if path:
            line, column = self.positions[path]
            error.place = f"{self.files.get(path, self.source)}:{line}:{column}: {error.place}"


def read_config(documents: Documents, delivery: DeliveryRef) -> ConfigDocument:
    """The config of this execution. Raises ``InternalError`` where the document is missing or damaged."""
    return read_document(documents, delivery.config, ConfigDocument)
