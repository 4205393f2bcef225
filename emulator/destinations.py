"""Makes real what a delivery's destination names: buckets, containers, SFTP users, landing zones, and the secrets with
their credentials.

What is started depends on the destinations that are asked for: a delivery to S3 waits for no Azure and no SFTP server.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.adobe.settings import AzureLandingZone, Options, S3LandingZone
from emulator.cloud.engine import Cloud
from emulator.shelves import BucketShelf, ContainerShelf, FolderShelf, Shelf
from emulator.storage.azure import Azure, start_azure
from emulator.storage.sftp import SftpServer, as_adobe_takes_it, start_sftp

ADOBES_USER = "adobe-destinations"
ADOBES_ACCOUNT = "670664943635"
LANDING_ZONE_CONTAINER = "dlz-destination"
LANDING_ZONE_BUCKET = "adobe-landing-zone"
LAKE_CONTAINER = "lake"
_AZURE = ("connection-string", "service-principal")
_SFTP = ("sftp-password", "sftp-ssh-key")
# Adobe refuses any other form of access key; the embedded cloud makes keys of hexadecimal digits, of which 0, 1, 8
# and 9 are not allowed, so a fitting one takes some draws.
_ACCESS_KEY = re.compile(r"[A-Z2-7]{20}")
_DRAWS = 5000
Destination = Mapping[str, Any]
"""The ``destination`` section of a config."""


@dataclass(frozen=True)
class Storages:
    """The local servers that stand beside the embedded cloud.

    Attributes:
        azure: Azure Blob Storage with its tokens, where it was asked for.
        sftp: An SFTP server, where it was asked for.
        landing_zone: The form of the Data Landing Zone: ``azure``, ``s3`` or empty for none.
    """

    azure: Azure | None = None
    sftp: SftpServer | None = None
    landing_zone: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What handlers must know to trust the local Azure."""
        return {} if self.azure is None else {"REQUESTS_CA_BUNDLE": str(self.azure.ca_file)}

    @property
    def parameters(self) -> dict[str, str]:
        """Of the stack: where these servers stand in for others."""
        return {} if self.azure is None else {"AzureAuthorityUrl": self.azure.authority}

    def options(self, cloud: Cloud) -> Options:
        """What the emulated Adobe must know of them."""
        access_key, secret_key = adobes_own_key(cloud)
        options = Options(adobe_access_key=access_key, adobe_secret_key=secret_key)
        if self.sftp is not None:
            options["sftp_port"] = self.sftp.port
        if self.azure is not None:
            options.update(Options(azure_ca=self.azure.ca_file, azure_authority=self.azure.authority))
        if self.landing_zone == "azure" and self.azure is not None:
            self.azure.create_container(LANDING_ZONE_CONTAINER)
            options["landing_zone"] = AzureLandingZone(
                self.azure.account, LANDING_ZONE_CONTAINER, self.azure.endpoint, self.azure.account_key
            )
        elif self.landing_zone == "s3":
            options["landing_zone"] = _s3_landing_zone(cloud)
        return options


@contextlib.contextmanager
def storages_for(destinations: Iterable[Destination], *, zone_form: str = "azure") -> Iterator[Storages]:
    """Start what these destinations need, for as long as the context lasts.

    Args:
        destinations: The ``destination`` sections of configs.
        zone_form: The form of the landing zone, where one of them is one: ``azure`` or ``s3``.
    """
    wanted = list(destinations)
    auths = {_auth_type(destination) for destination in wanted}
    has_zone = any(destination.get("type") == "data-landing-zone" for destination in wanted)
    needs_azure = bool(auths & set(_AZURE)) or (has_zone and zone_form == "azure")
    with contextlib.ExitStack() as stack:
        yield Storages(
            azure=stack.enter_context(start_azure()) if needs_azure else None,
            sftp=stack.enter_context(start_sftp()) if auths & set(_SFTP) else None,
            landing_zone=zone_form if has_zone else "",
        )


@dataclass
class Provider:
    """Provides destinations, once each.

    Args:
        cloud: The embedded cloud, with the stack in it.
        storages: The servers beside it.
        put_secret: Sets the secret that a config calls ``secret://name``.
        readers: ARNs of the roles that read destinations without a secret.
    """

    cloud: Cloud
    storages: Storages
    put_secret: Callable[[str, dict[str, str]], None]
    readers: list[str] = field(default_factory=list)

    def provide(self, destination: Destination) -> None:
        """Make the place and the secret that a ``destination`` section names; what is there already is kept."""
        place, secret = self._made(destination)
        name = str(destination.get("auth", {}).get("secret", "")).removeprefix("secret://")
        if name and secret:
            self.put_secret(name, secret)
        elif place and not name:
            self._let_roles_read(place)

    def shelf(self, destination: Destination) -> Shelf:
        """What lies in the place that a ``destination`` section names."""
        auth = _auth_type(destination)
        if auth in _SFTP:
            user = _sftp_user(str(destination["type"]), str(destination["auth"]["secret"]))
            return FolderShelf(_there(self.storages.sftp).folder(user))
        if destination.get("bucketName"):
            return BucketShelf(self.cloud.client("s3"), str(destination["bucketName"]))
        if destination.get("type") == "data-landing-zone" and self.storages.landing_zone == "s3":
            return BucketShelf(self.cloud.client("s3"), LANDING_ZONE_BUCKET)
        containers = {"adls-gen2": LAKE_CONTAINER, "data-landing-zone": LANDING_ZONE_CONTAINER}
        name = destination.get("container") or containers[str(destination["type"])]
        return ContainerShelf(_there(self.storages.azure).client.get_container_client(str(name)))

    def _made(self, destination: Destination) -> tuple[str, dict[str, str]]:
        """The bucket, where it is one, and what the secret holds."""
        kind = str(destination.get("type"))
        auth = _auth_type(destination)
        bucket = str(destination.get("bucketName", ""))
        secret: dict[str, str] = {}
        match auth:
            case "access-key" | "existing-connection" if bucket:
                names = ("accessId", "secretKey") if kind == "adobe-campaign" else ("s3AccessKey", "s3SecretKey")
                secret = dict(zip(names, self._bucket(bucket), strict=True))
            case "assumed-role":
                self._bucket(bucket)
                _role(self.cloud, str(destination["auth"]["s3Role"]), bucket)
            case "hmac-key":
                secret = dict(zip(("accessKeyId", "secretAccessKey"), self._bucket(bucket), strict=True))
            case "connection-string":
                self._container(str(destination["container"]))
                secret = {"connectionString": _there(self.storages.azure).connection_string}
            case "service-principal":
                secret = self._service_principal()
            case "sftp-password" | "sftp-ssh-key":
                secret = self._sftp(kind, auth, str(destination["auth"]["secret"]))
        return bucket if auth not in _SFTP else "", secret

    def _bucket(self, bucket: str) -> tuple[str, str]:
        make_bucket(self.cloud, bucket)
        return access_key(self.cloud, bucket)

    def _container(self, name: str) -> None:
        azure = _there(self.storages.azure)
        if not azure.client.get_container_client(name).exists():
            azure.create_container(name)

    def _service_principal(self) -> dict[str, str]:
        azure = _there(self.storages.azure)
        self._container(LAKE_CONTAINER)
        tenant, client_id, key = azure.add_service_principal()
        return {
            "url": azure.data_lake_url(LAKE_CONTAINER),
            "tenant": tenant,
            "servicePrincipalId": client_id,
            "servicePrincipalKey": key,
        }

    def _sftp(self, kind: str, auth: str, secret: str) -> dict[str, str]:
        server = _there(self.storages.sftp)
        user = _sftp_user(kind, secret)
        where = {"domain": server.host, "host": server.host}
        if kind == "sftp":
            del where["host"]
        elif kind == "sftp-first-generation":
            del where["domain"]
        held = {**where, "username": user, "port": str(server.port), "hostKey": server.host_key}
        if auth == "sftp-password":
            return {**held, "password": server.add_user(user)}
        return {**held, "sshKey": as_adobe_takes_it(server.add_key_user(user))}

    def _let_roles_read(self, bucket: str) -> None:
        """The bucket's own policy lets the functions read that have no secret to read with."""
        arn = f"arn:aws:s3:::{bucket}"
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": self.readers},
            "Action": ["s3:ListBucket", "s3:GetObject"],
            "Resource": [arn, f"{arn}/*"],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.cloud.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def _sftp_user(kind: str, secret: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{kind}-{secret.removeprefix('secret://')}")


def make_bucket(cloud: Cloud, bucket: str) -> None:
    """A bucket, unless there is one already."""
    s3 = cloud.client("s3")
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket)


def access_key(cloud: Cloud, bucket: str) -> tuple[str, str]:
    """A new key of Adobe's user, who may write to the bucket: its id, of the form Adobe takes, and its secret."""
    iam = cloud.client("iam")
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=ADOBES_USER)
    iam.put_user_policy(UserName=ADOBES_USER, PolicyName=bucket, PolicyDocument=_writing(bucket))
    for _ in range(_DRAWS):
        key: dict[str, str] = iam.create_access_key(UserName=ADOBES_USER)["AccessKey"]
        if _ACCESS_KEY.fullmatch(key["AccessKeyId"]):
            return key["AccessKeyId"], key["SecretAccessKey"]
        iam.delete_access_key(UserName=ADOBES_USER, AccessKeyId=key["AccessKeyId"])
    raise RuntimeError(f"no access key of the form Adobe takes in {_DRAWS} draws")


def adobes_own_key(cloud: Cloud) -> tuple[str, str]:
    """A key of Adobe's own account, with which it assumes its customers' roles."""
    iam, user = cloud.client("iam", access_key=ADOBES_ACCOUNT), "destinations-adobe-user"
    iam.create_user(UserName=user)
    return _own_key(iam, user, [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}])


def _own_key(iam: Any, user: str, statements: list[dict[str, Any]]) -> tuple[str, str]:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document)
    key: dict[str, str] = iam.create_access_key(UserName=user)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def _s3_landing_zone(cloud: Cloud) -> S3LandingZone:
    bucket, user, iam = LANDING_ZONE_BUCKET, "adobe-landing-zone", cloud.client("iam")
    make_bucket(cloud, bucket)
    arn: str = iam.create_user(UserName=user)["User"]["Arn"]
    objects = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    statements = [
        {"Effect": "Allow", "Action": objects, "Resource": f"arn:aws:s3:::{bucket}/*"},
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": f"arn:aws:s3:::{bucket}"},
        {"Effect": "Allow", "Action": ["sts:GetFederationToken"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:PutUserPolicy"], "Resource": arn},
    ]
    return S3LandingZone(bucket, LANDING_ZONE_CONTAINER, *_own_key(iam, user, statements), cloud.endpoint)


def _role(cloud: Cloud, arn: str, bucket: str) -> None:
    iam, name = cloud.client("iam"), arn.rpartition("/")[2]
    principal = {"AWS": f"arn:aws:iam::{ADOBES_ACCOUNT}:user/destinations-adobe-user"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
    iam.put_role_policy(RoleName=name, PolicyName=bucket, PolicyDocument=_writing(bucket))


def _writing(bucket: str) -> str:
    """What Adobe's documentation asks for (Adobe: Amazon S3 connection, required permissions)."""
    arn = f"arn:aws:s3:::{bucket}"
    objects = [
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ]
    statements = [
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": arn},
        {"Effect": "Allow", "Action": objects, "Resource": f"{arn}/*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _auth_type(destination: Destination) -> str:
    auth = destination.get("auth")
    return str(auth.get("type", "")) if isinstance(auth, Mapping) else ""


def _there(server: Any) -> Any:
    if server is None:
        raise RuntimeError("this destination's server was not asked for when the installation was started")
    return server
