"""AWS clients: one per service and process, with time-outs and retries that suit a Lambda.

They are botocore's. boto3 would make the same ones, and take a tenth of a cold start for what no function uses.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_transfer import TransferClient

_SERVICES = ["dynamodb", "kinesis", "kms", "s3", "secretsmanager", "sqs", "stepfunctions", "transfer"]
_CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 4})


@cache
def dynamodb() -> "DynamoDBClient":
    client: DynamoDBClient = _client("dynamodb")
    return client


@cache
def kinesis() -> "KinesisClient":
    client: KinesisClient = _client("kinesis")
    return client


@cache
def kms() -> "KMSClient":
    client: KMSClient = _client("kms")
    return client


@cache
def s3() -> "S3Client":
    client: S3Client = _client("s3")
    return client


@cache
def secretsmanager() -> "SecretsManagerClient":
    client: SecretsManagerClient = _client("secretsmanager")
    return client


@cache
def sqs() -> "SQSClient":
    client: SQSClient = _client("sqs")
    return client


@cache
def stepfunctions() -> "SFNClient":
    client: SFNClient = _client("stepfunctions")
    return client


@cache
def transfer() -> "TransferClient":
    client: TransferClient = _client("transfer")
    return client


def _client(service: str) -> Any:  # noqa: ANN401 - each caller says which one it is
    return _session().create_client(service, config=_CONFIG)


@cache
def _session() -> Session:
    session = Session()
    session.register_component("data_loader", _OurServices())
    return session


class _OurServices(Loader):
    """Finds what botocore knows of our services without a look into the folders of the four hundred others."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's own signature
        return _SERVICES
