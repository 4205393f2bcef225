"""The ways for Adobe to get into a destination. Secrets are named, never held.

What a secret must hold, and what of it is for reading back alone, is in Adobe's catalogue
(:mod:`aep_delivery.adobe.catalogue`), by the ``type`` used here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aep_delivery.config.base import ConfigModel, TextRule, Violation
from aep_delivery.config.naming import SECRET_SCHEME, EntityId, SecretReference

_EXAMPLES = ["secret://flights-destination"]

RoleArn = Annotated[
    str,
    TextRule.shape(
        r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,576}$",
        Violation(
            "config.role-arn",
            "is not the ARN of an IAM role",
            "Copy it from IAM, as in arn:aws:iam::123456789012:role/adobe-exports.",
        ),
    ),
]


class SecretAuth(ConfigModel):
    """Adobe authenticates with what a secret holds."""

    secret: Annotated[SecretReference, Field(examples=_EXAMPLES)]
    """The secret in AWS Secrets Manager; never the credential itself."""

    @property
    def secret_name(self) -> str | None:
        """The name of the secret, without the scheme."""
        return self.secret.removeprefix(SECRET_SCHEME)


class ReadingAuth(ConfigModel):
    """Adobe needs no credential of the user's; reading back may."""

    secret: Annotated[SecretReference | None, Field(examples=_EXAMPLES)] = None
    """A secret for reading back what was delivered, of the same form as where Adobe gets one. In Amazon S3
    verification reads with the function's own role where it is left out."""

    @property
    def secret_name(self) -> str | None:
        """The name of the secret, without the scheme; None where there is none."""
        return None if self.secret is None else self.secret.removeprefix(SECRET_SCHEME)


class AccessKeyAuth(SecretAuth):
    """Adobe writes to the bucket with the access key of an IAM user.

    The secret holds `{"s3AccessKey": …, "s3SecretKey": …}`; for Adobe Campaign `{"accessId": …, "secretKey": …}`.
    """

    type: Literal["access-key"]
    """How Adobe authenticates at the destination."""


class AssumedRoleAuth(ReadingAuth):
    """Adobe assumes a role of yours, which trusts Adobe's account."""

    type: Literal["assumed-role"]
    """How Adobe authenticates at the destination."""
    s3_role: Annotated[RoleArn, Field(alias="s3Role", examples=["arn:aws:iam::123456789012:role/adobe-exports"])]
    """The role. It trusts Adobe's account 670664943635 and may write to the bucket."""


class ConnectionStringAuth(SecretAuth):
    """Adobe writes with the connection string of a storage account. The secret holds `{"connectionString": …}`."""

    type: Literal["connection-string"]
    """How Adobe authenticates at the destination."""


class ServicePrincipalAuth(SecretAuth):
    """Adobe writes as a service principal of Microsoft Entra ID.

    The secret holds `{"url": "abfss://…", "tenant": …, "servicePrincipalId": …, "servicePrincipalKey": …}`.
    """

    type: Literal["service-principal"]
    """How Adobe authenticates at the destination."""


class HmacKeyAuth(SecretAuth):
    """Adobe writes with an HMAC key of Google Cloud Storage.

    The secret holds `{"accessKeyId": …, "secretAccessKey": …}`.
    """

    type: Literal["hmac-key"]
    """How Adobe authenticates at the destination."""


class SftpPasswordAuth(SecretAuth):
    """Adobe logs in with a password.

    The secret holds `{"domain": …, "username": …, "password": …, "hostKey": …}`: `hostKey` is what verification expects
    of the server, and is not sent to Adobe. `port` may be added. Destinations of the first generation want `host`, too.
    """

    type: Literal["sftp-password"]
    """How Adobe authenticates at the destination."""


class SftpSshKeyAuth(SecretAuth):
    """Adobe logs in with an SSH key.

    The secret holds `{"domain": …, "username": …, "sshKey": …, "hostKey": …}`: `sshKey` is the private key, without
    passphrase and in base64; the rest is as with a password.
    """

    type: Literal["sftp-ssh-key"]
    """How Adobe authenticates at the destination."""


class ExistingConnectionAuth(ReadingAuth):
    """Adobe writes through a base connection that is there already. It is used, never changed and never removed."""

    type: Literal["existing-connection"]
    """How Adobe authenticates at the destination."""
    base_connection_id: Annotated[EntityId, Field(examples=["72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"])]
    """The id of the base connection, in the delivery's sandbox."""
