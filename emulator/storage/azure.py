"""Azure Storage on this machine: Azurite over https, and tokens for it in the place of Microsoft Entra ID."""

from __future__ import annotations

import base64
import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas

from emulator.storage.azure_certificates import issue
from emulator.storage.azurite import ACCOUNT, blob_service
from emulator.storage.entra import Entra, token_endpoint


@dataclass(frozen=True)
class Azure:
    """A running Azure with one storage account.

    Attributes:
        endpoint: URL of the account's blob service, which ends with the account's name.
        account: The account's name.
        account_key: Base64.
        ca_file: The authority that its certificates are signed by, PEM.
        authority: What stands in the place of https://login.microsoftonline.com.
        client: A client of the account with all rights, for looking in from the side.
    """

    endpoint: str
    account: str
    account_key: str = field(repr=False)
    ca_file: Path
    authority: str
    client: BlobServiceClient = field(repr=False)
    _entra: Entra = field(repr=False)

    @property
    def connection_string(self) -> str:
        """As Azure's portal shows it, with this account's endpoint."""
        return (
            f"DefaultEndpointsProtocol=https;AccountName={self.account};AccountKey={self.account_key};"
            f"BlobEndpoint={self.endpoint};"
        )

    def create_container(self, name: str) -> None:
        """Create an empty container. Raises azure-core's ``ResourceExistsError`` where there is one of that name."""
        self.client.create_container(name)

    def data_lake_url(self, container: str) -> str:
        """The container as a base connection for ADLS Gen2 names it: ``abfss://<container>@127.0.0.1:<port>``.

        Real ones name the account in the host; this one's account is always ``devstoreaccount1``.
        """
        return f"abfss://{container}@{urlsplit(self.endpoint).netloc}"

    def sas_url(self, container: str, *, permissions: str = "rdl", lifetime: timedelta = timedelta(hours=1)) -> str:
        """The container's URL with a shared access signature: the ``SASUri`` of a landing zone.

        Args:
            container: It need not exist.
            permissions: Letters as Azure has them: read, delete, list.
            lifetime: From now on; a negative one makes a signature that has expired.
        """
        now = datetime.now(UTC)
        signature = generate_container_sas(
            self.account,
            container,
            account_key=self.account_key,
            permission=ContainerSasPermissions.from_string(permissions),
            start=min(now, now + lifetime) - timedelta(minutes=5),
            expiry=now + lifetime,
        )
        return f"{self.endpoint}/{container}?{signature}"

    def add_service_principal(self) -> tuple[str, str, str]:
        """Register an application that may do everything in the account; returns tenant, application id and key.

        There are no roles in Azurite: any application that Entra knows may.
        """
        return self._entra.add_service_principal()


@contextlib.contextmanager
def start_azure() -> Iterator[Azure]:
    """Run an Azure as long as the context lasts; what it holds is gone afterwards.

    Raises:
        AzuriteUnavailableError: Azurite can't be had or does not start; the message says why.
    """
    # An own key, not the well-known one of Azurite: what it must not reach can be told.
    account_key = base64.b64encode(secrets.token_bytes(64)).decode()
    entra = Entra()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aep-delivery-azure-")))
        certificates = issue(folder)
        endpoint = stack.enter_context(blob_service(certificates, account_key, folder))
        authority = stack.enter_context(token_endpoint(entra, certificates))
        credential = {"account_name": ACCOUNT, "account_key": account_key}
        client = stack.enter_context(
            BlobServiceClient(endpoint, credential=credential, connection_verify=str(certificates.ca_file))
        )
        yield Azure(endpoint, ACCOUNT, account_key, certificates.ca_file, authority, client, entra)
