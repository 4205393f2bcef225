"""Deploys a SAM template into the embedded cloud, through its CloudFormation API, as one would into AWS."""

from __future__ import annotations

import json
import time
from pathlib import Path

from emulator.cloud.engine import Cloud
from emulator.cloud.package import ARTIFACTS, package


def deploy(cloud: Cloud, template: Path, stack: str, parameters: dict[str, str] | None = None) -> dict[str, str]:
    """Create a stack and wait for it.

    Returns:
        The stack's outputs, which the cloud keeps as :attr:`Cloud.outputs` too.

    Raises:
        RuntimeError: The stack could not be created, with the reason of every resource that failed.
    """
    cloudformation, s3 = cloud.client("cloudformation"), cloud.client("s3")
    s3.create_bucket(Bucket=ARTIFACTS)
    s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(package(template, s3, cloud.folder)))
    cloudformation.create_stack(
        StackName=stack,
        # By URL: a template body is capped at 51,200 bytes, here as on AWS.
        TemplateURL=f"{cloud.endpoint}/{ARTIFACTS}/template.json",
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in (parameters or {}).items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    while (state := cloudformation.describe_stacks(StackName=stack)["Stacks"][0])["StackStatus"].endswith(
        "_IN_PROGRESS"
    ):
        time.sleep(0.05)
    if state["StackStatus"] != "CREATE_COMPLETE":
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        raise RuntimeError(
            "\n".join(
                f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
                for event in events
                if "FAILED" in event["ResourceStatus"]
            )
        )
    cloud.outputs = {output["OutputKey"]: output["OutputValue"] for output in state.get("Outputs", [])}
    return cloud.outputs
