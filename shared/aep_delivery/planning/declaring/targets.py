"""Target connections: where and how files are written, in the form of each generation.

Sources: Adobe: Export datasets by using the Flow Service API; Activate audiences to file-based destinations by API;
Connect to batch destinations and activate audiences by API, target connections.
"""

from __future__ import annotations

from typing import Any

from aep_delivery.adobe.catalogue import CURRENT_MODE, DestinationRow
from aep_delivery.config.destinations import (
    AdobeCampaignDestination,
    CloudFiles,
    OracleEloquaDestination,
    OracleResponsysDestination,
    SalesforceMarketingCloudDestination,
)
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declaring.connections import spec

_PLACES = ("bucketName", "container", "path", "remotePath")
_SEVERAL_MODES = (
    AdobeCampaignDestination,
    OracleEloquaDestination,
    OracleResponsysDestination,
    SalesforceMarketingCloudDestination,
)
_FIRST_GENERATION_DATA = {"format": "json", "schema": {"id": "1.0", "version": "1.0"}}
"""A constant, although the files are CSV."""


def target(config: DeliveryConfig, row: DestinationRow, base_connection_id: str) -> dict[str, Any]:
    """The place in the destination."""
    body = {"baseConnectionId": base_connection_id, "connectionSpec": spec(row.connection_spec)}
    if isinstance(config.destination, CloudFiles):
        return {**body, "params": _current_params(config, config.destination)}
    return {**body, "data": _FIRST_GENERATION_DATA, "params": _first_generation_params(config, row)}


def place_name(config: DeliveryConfig) -> str:
    """The place as people call it: bucket or container and folder."""
    return "/".join(str(value) for value in _place(config).values())


def target_mode(config: DeliveryConfig, row: DestinationRow) -> str:
    """Adobe's ``mode``."""
    destination = config.destination
    if isinstance(destination, CloudFiles):
        return CURRENT_MODE
    return destination.effective_mode if isinstance(destination, _SEVERAL_MODES) else next(iter(row.storage))


def _place(config: DeliveryConfig) -> dict[str, Any]:
    given = config.destination.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: given[name] for name in _PLACES if name in given}


def _current_params(config: DeliveryConfig, files: CloudFiles) -> dict[str, Any]:
    return {
        "mode": CURRENT_MODE,
        **_place(config),
        "compression": str(files.compression),
        **(_audience_files(files) if config.exports_audiences else {"datasetFileType": str(files.dataset_file_type)}),
        "includeFileManifest": files.include_file_manifest,
    }


def _audience_files(files: CloudFiles) -> dict[str, Any]:
    options = files.effective_csv_options
    # In full, since Adobe's defaults differ between its sources; and gone where the files are no CSV any more.
    return {
        "fileType": str(files.file_type),
        "csvOptions": options.model_dump(mode="json", by_alias=True) if options else None,
    }


def _first_generation_params(config: DeliveryConfig, row: DestinationRow) -> dict[str, Any]:
    mode = target_mode(config, row)
    has_format = any(param.name == "format" and param.required for param in row.target_params_for(mode, "audiences"))
    given = config.destination.model_dump(by_alias=True)
    return {
        "mode": mode,
        **_place(config),
        # Adobe's own sample for SFTP has none.
        **({"format": "CSV"} if has_format else {}),
        # Younger than the rest of the form, so only sent where it is wanted.
        "includeFileManifest": given["includeFileManifest"] or None,
    }
