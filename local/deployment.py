"""Deploying a cloud assembly through CloudFormation, as `cdk deploy` does, but without starting the CLI."""

import io
import json
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from local.emulator import ACCOUNT_KEY
from local.failure import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
BOOTSTRAP_PARAMETER = "/local/bootstrap-version"


class StackDescription(TypedDict):
    """The content of `.local/stack.json`: a deployed stack.

    `appUrl` is the web app; `apiUrl` ends in /api/v1; `docsUrl` is the page that explains the API, for browsers;
    `hostedLoginUrl` is the base of /oauth2/authorize, /oauth2/token and /logout; `tables` has table names by service,
    `queues` queue addresses by name; `logs` is the file with the logs of all functions.
    """

    apiUrl: str
    docsUrl: str
    appUrl: str
    hostedLoginUrl: str
    clientId: str
    userPoolId: str
    awsEndpoint: str
    region: str
    stackName: str
    logs: str
    tables: dict[str, str]
    queues: dict[str, str]


def session() -> boto3.Session:
    """The emulated account, as its root user."""
    return boto3.Session(
        aws_access_key_id=ACCOUNT_KEY["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ACCOUNT_KEY["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def deploy(assembly: Path, endpoint: str, log: Path) -> StackDescription:
    """Deploy the assembly to the cloud at `endpoint`, and describe the result.

    Raises LocalCloudError, naming the first resource that failed.
    """
    aws = session()
    cloudformation = aws.client("cloudformation", endpoint_url=endpoint)
    s3 = aws.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}))
    account = aws.client("sts", endpoint_url=endpoint).get_caller_identity()["Account"]

    # The template reads the bootstrap version. It is set here, so that `cdk bootstrap` stays possible.
    aws.client("ssm", endpoint_url=endpoint).put_parameter(
        Name=BOOTSTRAP_PARAMETER, Value="30", Type="String", Overwrite=True
    )

    manifest = json.loads((assembly / "manifest.json").read_text())
    # A stage's edge is not deployed: the emulator has no CloudFront with WAF.
    stack = manifest["artifacts"]["Platform"]
    uploads = _uploads(assembly, "Platform.assets.json", account)
    _upload(s3, assembly, uploads)
    template_url = next(upload.url for upload in uploads if upload.path.endswith(".template.json"))
    stack_name = stack["properties"]["stackName"]
    _create(cloudformation, stack_name, template_url)
    # They are no longer needed, and `cdk bootstrap` creates the bucket itself.
    _take_away(s3, uploads)
    stack = describe(cloudformation, stack_name, endpoint, log)
    _let_sign_in(aws.client("cognito-idp", endpoint_url=endpoint), stack)
    return stack


@dataclass(frozen=True, slots=True)
class Upload:
    """A file or folder of the assembly, and where it goes."""

    path: str
    packaging: str
    bucket: str
    key: str

    @property
    def url(self) -> str:
        """Its address for CloudFormation."""
        return f"https://s3.{REGION}.amazonaws.com/{self.bucket}/{self.key}"


def _uploads(assembly: Path, manifest: str, account: str) -> list[Upload]:
    files: dict[str, Any] = json.loads((assembly / manifest).read_text())["files"]
    names = {"${AWS::AccountId}": account, "${AWS::Region}": REGION}
    return [
        Upload(
            path=file["source"]["path"],
            packaging=file["source"]["packaging"],
            bucket=_filled(destination["bucketName"], names),
            key=destination["objectKey"],
        )
        for file in files.values()
        for destination in file["destinations"].values()
    ]


def _upload(s3: "S3Client", assembly: Path, uploads: list[Upload]) -> None:
    for bucket in {upload.bucket for upload in uploads}:
        s3.create_bucket(Bucket=bucket)
    with ThreadPoolExecutor(4) as pool:
        for upload, content in zip(uploads, pool.map(lambda upload: _content(assembly, upload), uploads), strict=True):
            s3.put_object(Bucket=upload.bucket, Key=upload.key, Body=content)


def _take_away(s3: "S3Client", uploads: list[Upload]) -> None:
    for upload in uploads:
        s3.delete_object(Bucket=upload.bucket, Key=upload.key)
    for bucket in {upload.bucket for upload in uploads}:
        s3.delete_bucket(Bucket=bucket)


def _filled(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _content(assembly: Path, upload: Upload) -> bytes:
    path = assembly / upload.path
    return path.read_bytes() if upload.packaging == "file" else zipped(path)


def zipped(folder: Path) -> bytes:
    """The content of `folder`, as a zip for Lambda."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return packed.getvalue()


def _create(cloudformation: "CloudFormationClient", stack_name: str, template_url: str) -> None:
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateURL=template_url,
        Parameters=[{"ParameterKey": "BootstrapVersion", "ParameterValue": BOOTSTRAP_PARAMETER}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    try:
        waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    except (WaiterError, ClientError):
        raise LocalCloudError(f"the deploy failed: {_first_failure(cloudformation, stack_name)}") from None


def _first_failure(cloudformation: "CloudFormationClient", stack_name: str) -> str:
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    for event in reversed([event for page in pages for event in page["StackEvents"]]):
        if event.get("ResourceStatus", "").endswith("_FAILED"):
            return f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason')}"
    return "the stack was not created in time"


def _let_sign_in(cognito: "CognitoIdentityProviderClient", stack: StackDescription) -> None:
    """Allow the hosted login to redirect to the short addresses too; the template has only the long ones."""
    answer = cognito.describe_user_pool_client(UserPoolId=stack["userPoolId"], ClientId=stack["clientId"])
    known = answer["UserPoolClient"]
    kept = {name: value for name, value in known.items() if value and name not in {"CreationDate", "LastModifiedDate"}}
    docs = f"{stack['docsUrl']}/oauth2-redirect.html"
    kept["CallbackURLs"] = [*known["CallbackURLs"], docs, f"{stack['appUrl']}/callback"]
    kept["LogoutURLs"] = [*known["LogoutURLs"], stack["appUrl"]]
    cognito.update_user_pool_client(**cast("Any", kept))


def api_url(endpoint: str, outputs: Mapping[str, str]) -> str:
    """The address of a stack's API in the emulator: under its own path, not at the host name that AWS gives it."""
    return f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/$default/api/v1"


def describe(cloudformation: "CloudFormationClient", stack_name: str, endpoint: str, log: Path) -> StackDescription:
    """Describe a stack that is deployed on the local cloud at `endpoint`."""
    [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    resources = [
        resource
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
        for resource in page["StackResourceSummaries"]
    ]
    # Short, for people to type (local/emulated/addresses.py).
    origin = endpoint.replace("127.0.0.1", "localhost")
    return {
        "appUrl": f"{origin}/app",
        "apiUrl": f"{origin}/api/v1",
        "docsUrl": f"{origin}/api/v1/docs",
        "hostedLoginUrl": endpoint,
        "clientId": outputs["ClientId"],
        "userPoolId": outputs["UserPoolId"],
        "awsEndpoint": endpoint,
        "region": REGION,
        "stackName": stack_name,
        "logs": str(log),
        "tables": {key.removesuffix("Table").lower(): value for key, value in outputs.items() if key.endswith("Table")},
        "queues": {
            url.rsplit("/", 1)[1].removeprefix(f"{stack_name}-"): url
            for resource in resources
            if resource["ResourceType"] == "AWS::SQS::Queue" and (url := resource["PhysicalResourceId"])
        },
    }
