"""Secrets by name and version. The version is what stands for a secret wherever one must be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, SecretStr
from urllib3.exceptions import HTTPError

from aep_delivery.runtime.aws import AWS_ERRORS, aws_code, aws_error
from aep_delivery.runtime.errors import TransientError, UserError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class Secret(BaseModel):
    """A secret as it is now."""

    model_config = ConfigDict(frozen=True)

    name: str
    text: SecretStr
    version: str
    """Changes with every new value; says nothing about the value."""


class Secrets(Protocol):
    """Where secrets are kept."""

    def get(self, name: str) -> Secret:
        """The current value. Raises ``UserError`` ``secret.not-found`` or ``secret.access-denied``."""


class SecretsManagerSecrets:
    """AWS Secrets Manager."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client

    def get(self, name: str) -> Secret:
        try:
            answer = self._client.get_secret_value(SecretId=name)
        except AWS_ERRORS as error:
            raise _refused(error, name) from None
        # Half an answer is one without fields to botocore, whatever its types promise.
        fields: set[str] = set(answer)
        if not fields & {"SecretString", "SecretBinary"} or "VersionId" not in fields:
            raise TransientError(f"AWS answered without the secret {name}.", code="aws.busy", place=name)
        if "SecretString" not in answer:
            raise UserError(f"The secret {name} is binary; a JSON text is needed.", code="secret.not-text", place=name)
        return Secret(name=name, text=SecretStr(answer["SecretString"]), version=answer["VersionId"])


class MemorySecrets:
    """The twin for tests."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        self._values = {name: (1, SecretStr(value)) for name, value in (values or {}).items()}

    def put(self, name: str, value: str) -> None:
        version, _ = self._values.get(name, (0, None))
        self._values[name] = (version + 1, SecretStr(value))

    def get(self, name: str) -> Secret:
        if name not in self._values:
            raise _not_found(name)
        version, value = self._values[name]
        return Secret(name=name, text=value, version=str(version))


def _refused(error: ClientError | BotoCoreError | HTTPError, name: str) -> Exception:
    match aws_code(error):
        case "ResourceNotFoundException":
            return _not_found(name)
        case "AccessDeniedException":
            return UserError(
                f"This step may not read the secret {name}.",
                code="secret.access-denied",
                place=name,
                hint="Destination secrets must be named under the stack's prefix: <stack>/destinations/.",
            )
        case _:
            return aws_error(error, doing=f"read the secret {name}")


def _not_found(name: str) -> UserError:
    return UserError(
        f"There is no secret {name}, or it has no value yet.",
        code="secret.not-found",
        place=name,
        hint=f"aws secretsmanager create-secret --name {name} --secret-string file://secret.json",
    )
