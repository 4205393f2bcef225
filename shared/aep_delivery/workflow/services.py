"""The collaborators of the steps.

Each is imported and made when it is first asked for: a cold step pays only for what it uses, and taking a lock needs
neither an HTTP client nor a YAML parser.
"""
# ruff: noqa: PLC0415 - the imports below are inside on purpose

from __future__ import annotations

from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING

from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.clock import Clock, SystemClock
from aep_delivery.runtime.settings import Settings, settings
from aep_delivery.state.lock import Fence

if TYPE_CHECKING:
    import httpx

    from aep_delivery.adobe.budget import BudgetStore
    from aep_delivery.adobe.credentials import AdobeCredentials
    from aep_delivery.adobe.endpoints import AdobeEndpoints
    from aep_delivery.adobe.flow_service import FlowService
    from aep_delivery.adobe.landing_zone import LandingZone
    from aep_delivery.adobe.manners import Manners
    from aep_delivery.adobe.token import TokenSource
    from aep_delivery.adobe.transport import AdobeTransport
    from aep_delivery.config.models import DeliveryConfig
    from aep_delivery.events.outbound import EventPublisher
    from aep_delivery.runtime.secrets import Secrets
    from aep_delivery.state.store import StateStore
    from aep_delivery.status.board import StatusBoard
    from aep_delivery.status.shelf import Shelf
    from aep_delivery.storage.cleaner import StorageCleaner
    from aep_delivery.storage.reader import StorageReader
    from aep_delivery.workflow.destination_access import DestinationAccess
    from aep_delivery.workflow.destination_storage import DestinationStorage
    from aep_delivery.workflow.documents import Documents

LOCK_TTL = timedelta(hours=2)
"""Longer than planning, applying and the longest wait for "not ready for export" together: audiences take an hour."""


class Services:
    """What a step may need. Whoever runs steps elsewhere than in AWS sets the properties to something else.

    Args:
        settings: The function's environment.
        clock: The machine's clock.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._transports: dict[str, AdobeTransport] = {}

    @cached_property
    def documents(self) -> Documents:
        from aep_delivery.workflow.documents import S3Documents

        return S3Documents(aws_client("s3"), self.settings.work_bucket)

    @cached_property
    def store(self) -> StateStore:
        from aep_delivery.state.dynamodb import DynamoDBStateStore

        return DynamoDBStateStore(aws_client("dynamodb"), self.settings.state_table, self.clock)

    @cached_property
    def status_board(self) -> StatusBoard:
        from aep_delivery.status.board import DynamoDBStatusBoard

        return DynamoDBStatusBoard(aws_client("dynamodb"), self.settings.state_table)

    @cached_property
    def status_shelf(self) -> Shelf:
        from aep_delivery.status.shelf import S3Shelf

        return S3Shelf(aws_client("s3"), self.settings.work_bucket)

    @cached_property
    def secrets(self) -> Secrets:
        from aep_delivery.runtime.secrets import SecretsManagerSecrets

        return SecretsManagerSecrets(aws_client("secretsmanager"))

    @cached_property
    def publisher(self) -> EventPublisher:
        from aep_delivery.events.outbound import EventBridgePublisher

        return EventBridgePublisher(aws_client("events"), self.settings.event_bus)

    @cached_property
    def http(self) -> httpx.Client:
        from aep_delivery.adobe.transport import adobe_http_client

        return adobe_http_client()

    @cached_property
    def endpoints(self) -> AdobeEndpoints:
        from aep_delivery.adobe.endpoints import AdobeEndpoints

        return AdobeEndpoints(
            api_url=self.settings.adobe_api_url,
            ims_url=self.settings.adobe_ims_url,
            allow_loopback_http=self.settings.allow_loopback_http,
        )

    @cached_property
    def tokens(self) -> TokenSource:
        from aep_delivery.adobe.token import TokenSource

        return TokenSource(self.http, self.endpoints, self._adobe_credentials, self.clock)

    @cached_property
    def budgets(self) -> BudgetStore:
        from aep_delivery.workflow.adobe_budgets import DynamoDBBudgets

        return DynamoDBBudgets(aws_client("dynamodb"), self.settings.state_table)

    @cached_property
    def manners(self) -> Manners:
        """What every call to Adobe goes through, whatever its sandbox."""
        from aep_delivery.adobe.circuit import Circuit
        from aep_delivery.adobe.manners import Manners
        from aep_delivery.adobe.rate import Rate

        agreed = self.settings
        rate = Rate(agreed.adobe_requests_per_second, agreed.adobe_burst, agreed.adobe_ramp_seconds)
        circuit = Circuit(agreed.adobe_circuit_failures, agreed.adobe_circuit_seconds)
        return Manners(self.budgets, lambda: self.tokens.credentials.org_id, rate, circuit, self.clock)

    def keep_manners_here(self) -> None:
        """Share Adobe's budget with nobody: for a process that is no function of the stack."""
        from aep_delivery.adobe.budget import MemoryBudgets

        self.budgets = MemoryBudgets()

    def adobe(self, sandbox: str) -> AdobeTransport:
        """The way to Adobe, in one sandbox."""
        from aep_delivery.adobe.transport import AdobeTransport

        if sandbox not in self._transports:
            self._transports[sandbox] = AdobeTransport(
                self.http, self.tokens, self.endpoints, sandbox, self.clock, manners=self.manners
            )
        return self._transports[sandbox]

    def flow_service(self, sandbox: str) -> FlowService:
        from aep_delivery.adobe.flow_service import FlowService

        return FlowService(self.adobe(sandbox))

    def destination(self, config: DeliveryConfig) -> DestinationAccess | None:
        """The destination's credentials, read anew: a rotated secret counts from the next step on.

        None where the config names no secret.
        """
        from aep_delivery.workflow.destination_access import destination_access

        return destination_access(config, self.secrets, self.settings.destination_secret_prefix)

    def reader(self, config: DeliveryConfig) -> StorageReader:
        """Read access to the destination, with the same credentials that Adobe writes with."""
        return self._storage(config).reader()

    def cleaner(self, config: DeliveryConfig) -> StorageCleaner:
        """Leave to delete at the destination, with the same credentials. Only for who was asked to."""
        return self._storage(config).cleaner()

    def fence(self, delivery_id: str, execution: str, token: int) -> Fence:
        """What this execution shows to be let into the journal."""
        return Fence(delivery_id=delivery_id, owner=execution, token=token)

    def _storage(self, config: DeliveryConfig) -> DestinationStorage:
        from aep_delivery.workflow.destination_storage import destination_storage

        return destination_storage(
            config, self.destination(config), self.settings, lambda: self._landing_zone(config.sandbox)
        )

    def _landing_zone(self, sandbox: str) -> LandingZone:
        from aep_delivery.adobe.errors import EntityNotFoundError
        from aep_delivery.adobe.landing_zone import landing_zone_credentials

        try:
            return landing_zone_credentials(self.adobe(sandbox))
        except EntityNotFoundError as error:
            error.hint = (
                f"The sandbox {sandbox} has no Data Landing Zone: ask Adobe to provision one, or choose another."
            )
            raise

    def _adobe_credentials(self) -> AdobeCredentials:
        from aep_delivery.adobe.credentials import AdobeCredentials

        secret = self.secrets.get(self.settings.adobe_secret)
        return AdobeCredentials.from_secret(secret.text.get_secret_value(), name=secret.name)


@cache
def services() -> Services:
    """The services of this process, kept warm between invocations: connections, the token, clients."""
    return Services(settings())
