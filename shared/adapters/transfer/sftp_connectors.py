"""Transfers by SFTP connectors of AWS Transfer Family (port FileTransfers).

A connector signs in with a secret of its own, which nobody here reads, and knows the server by its host keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.s3.erp_file_drop import MANIFEST_SUFFIX, inbound_prefix, outbound_key
from shared.domain.erp_files.delivery_file import DeliveryFile
from shared.domain.erp_files.destination import SftpServer
from shared.domain.erp_files.progress import FileProgress
from shared.domain.erp_files.settlements import settlements_name
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.ports.erp_files import TransferFailedError

if TYPE_CHECKING:
    from mypy_boto3_transfer import TransferClient

_PATHS_A_CALL = 10


class SftpConnectors:
    """`connectors` has the id of each connector by the name that the catalogue knows it by."""

    def __init__(self, client: "TransferClient", bucket: str, tenant: TenantId, connectors: Mapping[str, str]) -> None:
        self._client = client
        self._bucket = bucket
        self._tenant = tenant
        self._connectors = connectors

    def send_content(self, file: DeliveryFile, to: SftpServer) -> str:
        return self._send(outbound_key(self._tenant, file), to)

    def send_manifest(self, file: DeliveryFile, to: SftpServer) -> str:
        return self._send(f"{outbound_key(self._tenant, file)}{MANIFEST_SUFFIX}", to)

    def has_arrived(self, transfer: str, to: SftpServer) -> bool:
        try:
            results = self._client.list_file_transfer_results(ConnectorId=self._id(to), TransferId=transfer)
        except (ClientError, BotoCoreError) as error:
            raise TransferFailedError(f"nobody knows what became of a transfer: {_why(error)}") from None
        states = [result["StatusCode"] for result in results["FileTransferResults"]]
        if "FAILED" in states:
            (failed, *_) = [one for one in results["FileTransferResults"] if one["StatusCode"] == "FAILED"]
            raise TransferFailedError(f"{failed.get('FailureCode', 'FAILED')}: {failed.get('FailureMessage', '')}")
        return bool(states) and all(state == "COMPLETED" for state in states)

    def fetch_answers(self, of: Sequence[FileProgress], at: SftpServer) -> None:
        paths = [path for progress in of for path in _answer_paths(progress, at)]
        self._fetch(paths, of[0].file.stream.legal_entity_id, at)

    def fetch_settlements(self, of: Receiver, sequence: int, at: SftpServer) -> None:
        path = f"{at.inbound.rstrip('/')}/{settlements_name(of.company, sequence)}"
        self._fetch([path], of.legal_entity_id, at)

    def _fetch(self, paths: Sequence[str], legal_entity_id: LegalEntityId, at: SftpServer) -> None:
        folder = inbound_prefix(self._tenant, legal_entity_id).rstrip("/")
        for start in range(0, len(paths), _PATHS_A_CALL):
            try:
                self._client.start_file_transfer(
                    ConnectorId=self._id(at),
                    RetrieveFilePaths=paths[start : start + _PATHS_A_CALL],
                    LocalDirectoryPath=f"/{self._bucket}/{folder}",
                )
            except (ClientError, BotoCoreError) as error:
                raise TransferFailedError(_why(error)) from None

    def _send(self, key: str, to: SftpServer) -> str:
        try:
            started = self._client.start_file_transfer(
                ConnectorId=self._id(to), SendFilePaths=[f"/{self._bucket}/{key}"], RemoteDirectoryPath=to.outbound
            )
        except (ClientError, BotoCoreError) as error:
            raise TransferFailedError(_why(error)) from None
        return started["TransferId"]

    def _id(self, server: SftpServer) -> str:
        try:
            return self._connectors[server.connector]
        except KeyError:
            raise TransferFailedError(f"this deployment has no connector {server.connector}") from None


def read_connectors(text: str) -> dict[str, str]:
    """Read NAME=ID,NAME=ID as the templates write it; "" is none."""
    return dict(pair.split("=", 1) for pair in text.split(",") if pair)


def _answer_paths(progress: FileProgress, at: SftpServer) -> Iterator[str]:
    name = f"{at.inbound.rstrip('/')}/{progress.file.name}"
    if not progress.acknowledged:
        yield f"{name}.ack"
    yield f"{name}.rsp"


def _why(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
