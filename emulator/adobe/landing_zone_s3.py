"""A landing zone in S3: a federated session that reaches the zone's folder alone, until it ends or is superseded."""

from __future__ import annotations

import json
import uuid

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from emulator.adobe import problems
from emulator.adobe.http import Json
from emulator.adobe.settings import S3LandingZone, Settings
from emulator.adobe.sinks.s3 import CLIENT_CONFIG

SESSION_SECONDS = 12 * 3600
"""Adobe doesn't say how long such credentials last, only when they end."""
_PREFIX = "dlz-"


def issue(zone: S3LandingZone, settings: Settings) -> Json:
    """Make new credentials and take all rights from earlier ones.

    Raises:
        Problem: the storage does not answer, or refuses.
    """
    session = Session(
        aws_access_key_id=zone.access_key, aws_secret_access_key=zone.secret_key, region_name=settings.s3_region
    )
    sts = session.client("sts", endpoint_url=zone.endpoint, config=CLIENT_CONFIG)
    iam = session.client("iam", endpoint_url=zone.endpoint, config=CLIENT_CONFIG)
    name = f"{_PREFIX}{uuid.uuid4().hex[:24]}"
    try:
        user = sts.get_caller_identity()["Arn"].rpartition("/")[2]
        iam.put_user_policy(UserName=user, PolicyName="deny-superseded-sessions", PolicyDocument=_all_but(name))
        credentials = sts.get_federation_token(Name=name, Policy=_folder_only(zone), DurationSeconds=SESSION_SECONDS)[
            "Credentials"
        ]
    except (ClientError, BotoCoreError) as error:
        raise problems.plain(f"The landing zone does not answer: {type(error).__name__}", 500) from error
    return {
        "credentials": {
            "awsAccessKeyId": credentials["AccessKeyId"],
            "awsSecretAccessKey": credentials["SecretAccessKey"],
            "awsSessionToken": credentials["SessionToken"],
        },
        "dlzPath": {"bucketName": zone.bucket, "dlzFolder": zone.folder},
        "dlzProvider": "Amazon S3",
        "expiryTime": int(credentials["Expiration"].timestamp()),
    }


def _folder_only(zone: S3LandingZone) -> str:
    bucket, folder = f"arn:aws:s3:::{zone.bucket}", zone.folder.strip("/")
    return _policy(
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "Resource": f"{bucket}/{folder}/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": [folder, f"{folder}/*"]}},
        },
    )


def _all_but(name: str) -> str:
    """A session can't be called back, but what its user may not do, it may not either."""
    # By name, not by time of issue as AWS proposes: that is counted in seconds, and two may be asked for within one.
    superseded = {"StringLike": {"aws:userid": f"*:{_PREFIX}*"}, "StringNotLike": {"aws:userid": f"*:{name}"}}
    return _policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": superseded})


def _policy(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
