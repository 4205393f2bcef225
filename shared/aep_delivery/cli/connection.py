"""From the name of a stack to everything that commands need of it: its outputs and parameters say where all is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from aep_delivery.runtime.aws import aws_client
from aep_delivery.runtime.errors import UserError
from aep_delivery.runtime.settings import Settings
from aep_delivery.workflow.services import Services

# What the template puts into the functions' environment, and which output or parameter of the stack says the same.
_OUTPUTS = {
    "STATE_TABLE": "StateTableName",
    "WORK_BUCKET": "WorkBucketName",
    "CONFIG_BUCKET": "ConfigBucketName",
    "ADOBE_SECRET": "AdobeSecretName",
    "DESTINATION_SECRET_PREFIX": "DestinationSecretPrefix",
    "DELIVER_STATE_MACHINE": "DeliverStateMachineArn",
}
_PARAMETERS = {
    "ADOBE_API_URL": "AdobeApiUrl",
    "ADOBE_IMS_URL": "AdobeImsUrl",
    "ADOBE_REQUESTS_PER_SECOND": "AdobeRequestsPerSecond",
    "ADOBE_BURST": "AdobeBurst",
    "ADOBE_RAMP_SECONDS": "AdobeRampSeconds",
    "ADOBE_CIRCUIT_FAILURES": "AdobeCircuitFailures",
    "ADOBE_CIRCUIT_SECONDS": "AdobeCircuitSeconds",
    "ALLOW_LOOPBACK_HTTP": "AllowLoopbackHttp",
    "AZURE_AUTHORITY_URL": "AzureAuthorityUrl",
    "GOOGLE_STORAGE_URL": "GoogleStorageUrl",
    "POLL_SECONDS": "PollSeconds",
    "SETTLING_SECONDS": "SettlingSeconds",
    "CHECK_SECONDS": "CheckSeconds",
}


@dataclass(frozen=True)
class Connection:
    """An installation, seen with the user's own AWS credentials.

    Attributes:
        settings: As the stack's functions have them.
        outputs: Of the stack.
        parameters: Of the stack.
    """

    settings: Settings
    outputs: dict[str, str]
    parameters: dict[str, str]

    @cached_property
    def services(self) -> Services:
        """The collaborators of the workflow's steps."""
        services = Services(self.settings)
        services.keep_manners_here()
        return services


def connect(stack: str) -> Connection:
    """Look a stack up, by one call of DescribeStacks.

    Raises:
        UserError: ``cli.stack-not-found``, ``cli.stack-foreign``.
        ClientError: AWS refuses.
        BotoCoreError: AWS cannot be asked.
    """
    client = aws_client("cloudformation")
    try:
        described = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        # CloudFormation has no code of its own for it (AWS: DescribeStacks).
        if error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error):
            raise _not_found(stack, client.meta.region_name) from None
        raise
    return _connection(stack, described)


def _connection(stack: str, described: dict[str, Any]) -> Connection:
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    parameters = {
        parameter["ParameterKey"]: parameter.get("ResolvedValue", parameter.get("ParameterValue", ""))
        for parameter in described.get("Parameters", [])
    }
    missing = sorted(set(_OUTPUTS.values()) - set(outputs))
    if missing:
        raise UserError(
            f"The stack {stack} is not one of AEP Delivery, or not complete ({described['StackStatus']}).",
            code="cli.stack-foreign",
            details=[f"no output {name}" for name in missing],
            hint="Name another with --stack or AEP_DELIVERY_STACK, or deploy it again.",
        )
    environment = (
        {"OWNER": stack}
        | {name: outputs[output] for name, output in _OUTPUTS.items()}
        | {name: parameters[parameter] for name, parameter in _PARAMETERS.items() if parameter in parameters}
    )
    return Connection(Settings.from_environment(environment), outputs, parameters)


def _not_found(stack: str, region: str) -> UserError:
    return UserError(
        f"There is no stack {stack} in {region}.",
        code="cli.stack-not-found",
        hint="Name yours with --stack or AEP_DELIVERY_STACK, check AWS_PROFILE and AWS_DEFAULT_REGION, or deploy it: "
        "docs/how-to/deploy-to-aws.md.",
    )
