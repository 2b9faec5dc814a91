"""Documents to ERPs by files: written, brought to their receivers, and their answers read."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs import permissions
from infra.constructs.acknowledged import OBJECTS_OF_ERP_FILES, acknowledge
from infra.constructs.python_function import PythonFunction
from infra.constructs.schedule import Schedule
from infra.constructs.sftp_connector import SftpConnector, SftpServer
from infra.stages.platform import Platform

EVERY = "rate(15 minutes)"
TIMEOUT = Duration.minutes(4)  # one run ends before the next begins
KEYS = "*#erp-files#*"  # of the postings table, beside the postings themselves


class ErpFiles(Construct):
    """`servers` are the receivers' own; without one, a receiver fetches its files from the bucket."""

    def __init__(self, scope: Construct, platform: Platform, *, servers: Sequence[SftpServer]) -> None:
        super().__init__(scope, "ErpFiles")
        self._platform = platform
        data = platform.data
        connectors = [SftpConnector(self, server, bucket=data.erp_files, keys=[data.key]) for server in servers]
        self._settings = {
            "ERP_FILES_BUCKET": data.erp_files.bucket_name,
            "ERP_FILES_TABLE": data.postings.table_name,
            "ERP_FILE_CONNECTORS": ",".join(connector.setting for connector in connectors),
            "EXCEPTIONS_QUEUE_URL": platform.queues.exceptions.url,
            "MASTER_DATA_TABLE": data.master_data.table_name,
        }
        self._may = [
            permissions.on_keys(data.postings, KEYS, "DeleteItem", "PutItem", "Query", "UpdateItem"),
            permissions.read_table(data.master_data),
            permissions.send_to(platform.queues.exceptions.queue),
            *([permissions.transfer_by([one.arn for one in connectors])] if connectors else []),
        ]
        self._deliver_erp_files()
        self._read_erp_answers()
        named = "Files are named by their streams, below a folder of each legal entity."
        folders = ("staging", "outbound", "inbound")
        acknowledge(self, {f"{OBJECTS_OF_ERP_FILES}*/{folder}/*]": named for folder in folders})

    def _deliver_erp_files(self) -> None:
        data = self._platform.data
        self._scheduled(
            "deliver_erp_files",
            permissions.on_keys(data.postings, KEYS, "BatchGetItem"),
            permissions.on_objects(data.erp_files, "GetObject", "PutObject", under="*/staging/"),
            permissions.on_objects(data.erp_files, "PutObject", under="*/outbound/"),
        )

    def _read_erp_answers(self) -> None:
        data = self._platform.data
        self._scheduled(
            "read_erp_answers",
            permissions.list_versions(data.erp_files),
            permissions.on_objects(data.erp_files, "GetObjectVersion", under="*/inbound/"),
        )

    def _scheduled(self, name: str, *may: iam.PolicyStatement) -> PythonFunction:
        function = self._platform.function(
            self,
            name,
            environment=self._settings,
            may=[*self._may, *may],
            timeout=TIMEOUT,
            reserved_concurrency=1,
        )
        Schedule.of_function(function, expression=EVERY, key=self._platform.key)
        return function
