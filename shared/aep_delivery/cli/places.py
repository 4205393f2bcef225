"""What a PATH of the command line stands for: a file or folder here, in S3, in Azure or on an SFTP server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from aep_delivery.cli.exits import MisuseError
from aep_delivery.runtime.errors import DeliveryError
from aep_delivery.storage.local import LocalReader
from aep_delivery.storage.reader import StorageReader
from aep_delivery.verification.loose_files.places import Place

PASSWORD = "AEP_DELIVERY_SFTP_PASSWORD"  # noqa: S105 - the name of the variable
CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
HMAC_KEY = "AEP_DELIVERY_GCS_ACCESS_KEY_ID"
HMAC_SECRET = "AEP_DELIVERY_GCS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of the variable
SAS_TOKEN = "AZURE_STORAGE_SAS_TOKEN"  # noqa: S105 - the name of the variable
_HINTS = {
    "s3": "Look at your AWS credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. They need "
    "s3:ListBucket on the bucket and s3:GetObject on what is in it.",
    "gs": f"Look at {HMAC_KEY} and {HMAC_SECRET}: an HMAC key of a service account that may view the bucket's objects.",
    "azure": f"Look at {CONNECTION_STRING}, or {SAS_TOKEN}: it must allow to list and to read.",
    "sftp": f"Look at the user, at {PASSWORD} or --ssh-key, and at --host-key.",
}


@dataclass(frozen=True, slots=True)
class SftpOptions:
    """How to log in to SFTP servers, and how to know them."""

    ssh_key: Path | None = None
    host_key: str | None = None


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A file or folder of this machine."""

    given: str
    """As it stands on the command line."""
    folder: Path
    """What is opened."""
    key: str | None = None
    prefix: str = ""

    @property
    def remote(self) -> bool:
        return False

    def open(self) -> AbstractContextManager[StorageReader]:
        return nullcontext(LocalReader(self.folder))

    def path_of(self, key: str) -> str:
        shown = os.fsencode(self.given).decode("utf-8", "backslashreplace")
        return shown if self.key is not None else f"{shown.rstrip('/')}/{key}".removeprefix("./")

    def identity(self, key: str) -> str:
        return os.path.realpath(self.folder / key)


@dataclass(frozen=True, slots=True)
class _Remote:
    """Something at a URL."""

    base: str
    """The URL of what the reader is over, without a slash at the end, and without anything secret."""
    asked: str
    """The path below it, as it was asked for, without slashes around it."""
    key: str | None = None

    @property
    def remote(self) -> bool:
        return True

    @property
    def prefix(self) -> str:
        return f"{self.asked}/" if self.asked else ""

    def path_of(self, key: str) -> str:
        return f"{self.base}/{key}"

    def identity(self, key: str) -> str:
        return self.path_of(key)


@dataclass(frozen=True, slots=True)
class S3Place(_Remote):
    """A prefix or object, read with the AWS credentials of the environment."""

    bucket: str = ""

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        from aep_delivery.runtime.aws import aws_client  # noqa: PLC0415 - boto3, where S3 is read
        from aep_delivery.storage.s3 import S3Reader  # noqa: PLC0415
        from aep_delivery.storage.s3_direct import DirectReads  # noqa: PLC0415

        with _hinted("s3"):
            client = aws_client("s3")
            yield S3Reader(client, self.bucket, direct=DirectReads(client, self.bucket))


@dataclass(frozen=True, slots=True)
class GooglePlace(_Remote):
    """A prefix or object of Google Cloud Storage, read with an HMAC key."""

    bucket: str = ""

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        from aep_delivery.storage import s3_client  # noqa: PLC0415 - boto3, where it is read
        from aep_delivery.storage.s3 import S3Reader  # noqa: PLC0415
        from aep_delivery.storage.s3_direct import DirectReads  # noqa: PLC0415

        with _hinted("gs"):
            secret = SecretStr(os.environ[HMAC_SECRET])
            client = s3_client.s3_client(os.environ[HMAC_KEY], secret, None, s3_client.GCS_ENDPOINT)
            yield S3Reader(client, self.bucket, direct=DirectReads(client, self.bucket))


@dataclass(frozen=True, slots=True)
class SftpPlace(_Remote):
    """A file or folder below the login directory of a user."""

    host: str = ""
    port: int = 22
    user: str = ""
    options: SftpOptions = SftpOptions()

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        from aep_delivery.cli.known_hosts import known_host_key  # noqa: PLC0415 - asyncssh, where SFTP is read
        from aep_delivery.storage.sftp_client import SftpAccess, sftp_reader  # noqa: PLC0415

        key = self.options.ssh_key
        password = os.environ.get(PASSWORD)
        with (
            _hinted("sftp"),
            sftp_reader(
                SftpAccess(
                    self.host,
                    self.port,
                    self.user,
                    password=SecretStr(password) if password and key is None else None,
                    ssh_key=SecretStr(key.read_text("utf-8")) if key else None,
                    host_key=self.options.host_key or known_host_key(self.host, self.port),
                    # Whoever names a server on his own command line may mean his own machine.
                    allow_loopback=True,
                )
            ) as reader,
        ):
            yield reader


@dataclass(frozen=True, slots=True)
class AzurePlace(_Remote):
    """A folder or blob of a container."""

    container: str = ""
    signature: SecretStr | None = None
    """Of a URL; None for the connection string of the environment."""

    @contextmanager
    def open(self) -> Iterator[StorageReader]:
        from aep_delivery.storage.azure import AzureReader  # noqa: PLC0415 - Azure's client, where Azure is read
        from aep_delivery.storage.azure_client import (  # noqa: PLC0415
            container_by_connection_string,
            container_by_sas,
        )

        with _hinted("azure"):
            if self.signature is not None:
                url = SecretStr(f"{self.base}?{self.signature.get_secret_value()}")
                client = container_by_sas(url, allow_loopback=True)
            else:
                text = SecretStr(os.environ[CONNECTION_STRING])
                client = container_by_connection_string(text, self.container, allow_loopback=True)
            with client:
                yield AzureReader(client)


def place_of(path: str, sftp: SftpOptions) -> Place:
    """What `path` stands for. A folder and a file are told apart by a look at the storage.

    Raises:
        MisuseError: It is not there, of an unknown scheme, or a credential is missing.
        UserError: The storage denies access.
        TransientError: The storage does not answer.
    """
    parts = urlsplit(path) if "://" in path else SplitResult("", "", path, "", "")
    match parts.scheme.lower():
        case "":
            return _local(path)
        case "s3":
            return _settled(S3Place(f"s3://{parts.netloc}", _below(path, parts), bucket=parts.netloc))
        case "gs":
            return _settled(_google(path, parts))
        case "sftp":
            return _settled(_sftp(parts, sftp))
        case "azure":
            return _settled(_by_connection_string(parts))
        case "https":
            return _settled(_by_url(parts))
    raise MisuseError(
        f"Files at {parts.scheme.lower()}:// cannot be read.",
        code="cli.scheme-unknown",
        hint="A path is a file or folder here, or begins with s3://, gs://, sftp://, azure:// or https://.",
    )


def _google(path: str, parts: SplitResult) -> GooglePlace:
    if not (os.environ.get(HMAC_KEY) and os.environ.get(HMAC_SECRET)):
        raise MisuseError(
            "There is no credential for Google Cloud Storage.",
            code="cli.no-credential",
            hint=f"Set {HMAC_KEY} and {HMAC_SECRET} to an HMAC key (Google: HMAC keys).",
        )
    return GooglePlace(f"gs://{parts.netloc}", _below(path, parts), bucket=parts.netloc)


def _local(path: str) -> Place:
    folder = Path(path)
    try:
        if folder.is_dir():
            return LocalPlace(path, folder)
        if folder.is_file():
            real = Path(os.path.realpath(folder))
            return LocalPlace(path, real.parent, key=os.fsencode(real.name).decode("utf-8", "backslashreplace"))
        there = os.path.lexists(folder)
    except (OSError, ValueError):
        there = False
    message = "It is neither a file nor a folder." if there else "There is no such file or folder."
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    raise MisuseError(message, code="cli.path-not-found", place=shown, hint="Is the name spelled as it is there?")


def _settled(place: S3Place | GooglePlace | SftpPlace | AzurePlace) -> Place:
    """The place as a file, where there is one of this name, or else as a folder with something in it."""
    with place.open() as reader:
        if place.asked and reader.stat(place.asked) is not None:
            return replace(place, key=place.asked)
        if next(iter(reader.list_objects(place.prefix)), None) is not None:
            return place
    raise MisuseError(
        "There is no such file, and nothing in a folder of this name.",
        code="cli.path-not-found",
        place=place.path_of(place.asked),
        hint="Is the name spelled as it is there?",
    )


def _below(path: str, parts: SplitResult) -> str:
    """The key of a URL whose path is no URL's: it may hold ``?``, ``#`` and ``%``."""
    return path.partition("://")[2].removeprefix(parts.netloc).strip("/")


def _sftp(parts: SplitResult, options: SftpOptions) -> SftpPlace:
    if parts.password is not None:
        raise MisuseError("A password does not belong on the command line.", code="cli.usage", hint=f"Set {PASSWORD}.")
    if not parts.hostname or not parts.username:
        raise MisuseError("An SFTP path has the form sftp://user@host/folder.", code="cli.usage")
    if not os.environ.get(PASSWORD) and options.ssh_key is None:
        raise MisuseError(
            "There is no credential for the SFTP server.",
            code="cli.no-credential",
            hint=f"Set {PASSWORD}, or name a key with --ssh-key.",
        )
    port = parts.port or 22
    base = f"sftp://{parts.username}@{parts.hostname}" + (f":{port}" if port != 22 else "")
    asked = parts.path.strip("/")
    return SftpPlace(base, asked, host=parts.hostname, port=port, user=unquote(parts.username), options=options)


def _by_connection_string(parts: SplitResult) -> AzurePlace:
    if not os.environ.get(CONNECTION_STRING):
        raise MisuseError(
            "There is no credential for Azure.", code="cli.no-credential", hint=f"Set {CONNECTION_STRING}."
        )
    return AzurePlace(f"azure://{parts.netloc}", parts.path.strip("/"), container=parts.netloc)


def _by_url(parts: SplitResult) -> AzurePlace:
    """A blob's or a folder's URL. The first folder is the container; of the account on this machine the second."""
    account = 1 if (parts.hostname or "").startswith("127.") else 0
    folders = unquote(parts.path).strip("/").split("/")
    container, asked = "/".join(folders[: account + 1]), "/".join(folders[account + 1 :])
    signature = parts.query or os.environ.get(SAS_TOKEN, "").removeprefix("?")
    if not signature:
        raise MisuseError(
            "There is no credential for the URL.",
            code="cli.no-credential",
            hint=f"Set {SAS_TOKEN} to a shared access signature of the container.",
        )
    return AzurePlace(
        f"https://{parts.netloc}/{container}", asked, container=folders[account], signature=SecretStr(signature)
    )


@contextmanager
def _hinted(storage: str) -> Iterator[None]:
    """Errors with the hint of a person's own credential, where they speak of a secret that a config names."""
    try:
        yield
    except DeliveryError as error:
        if error.hint is not None and not isinstance(error, MisuseError):
            error.hint = _HINTS[storage]
        raise
