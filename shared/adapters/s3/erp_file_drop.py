"""Where files lie for their receiver (port FileDrop): in S3, staged by their hash, then under their name.

Each legal entity has a folder with `outbound/` for the receiver to read and `inbound/` for it to write, so that its
permissions can end there. An object is visible only whole; what is written under one key several times has versions,
and each of them is an answer.
"""

import hashlib
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from shared.contracts.erp_files.answers import read_acknowledgement, read_response, read_settlements
from shared.contracts.erp_files.manifest import write_manifest
from shared.domain.erp_files.answers import Received, ReceivedAnswer, Unreadable
from shared.domain.erp_files.delivery_file import DeliveryFile, NextFile
from shared.domain.erp_files.settlements import settlements_name
from shared.domain.erp_files.staged_document import Receiver
from shared.domain.identifiers import LegalEntityId, TenantId
from shared.domain.posting.readings import Settlement

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

MANIFEST_SUFFIX = ".manifest.json"
_READERS = {"ack": read_acknowledgement, "rsp": read_response}
_SETTLEMENTS = re.compile(r"settlements\.[^.]+\.\d{6}\.csv")
_MOST_BYTES = 16 * 1024 * 1024  # of an answer; a response has some hundred bytes a document


def outbound_key(tenant: TenantId, file: DeliveryFile) -> str:
    return f"{tenant}/{file.stream.legal_entity_id}/outbound/{file.name}"


def inbound_prefix(tenant: TenantId, legal_entity_id: LegalEntityId) -> str:
    return f"{tenant}/{legal_entity_id}/inbound/"


class S3FileDrop:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._tenant = tenant

    def keep(self, made: NextFile) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._staged(made.file), Body=made.content)

    def offer(self, file: DeliveryFile) -> None:
        key = outbound_key(self._tenant, file)
        self._client.copy_object(
            Bucket=self._bucket, Key=key, CopySource={"Bucket": self._bucket, "Key": self._staged(file)}
        )
        self._client.put_object(
            Bucket=self._bucket,
            Key=f"{key}{MANIFEST_SUFFIX}",
            Body=write_manifest(file),
            ContentType="application/json",
        )

    def answers(self, file: DeliveryFile, *, seen: Collection[str]) -> Received:
        versions: list[str] = []
        answers: dict[str, ReceivedAnswer] = {}
        for suffix, read in _READERS.items():
            for version in self._versions(file, suffix):
                versions.append(f"{suffix} {version['VersionId']}")
                if versions[-1] in seen:
                    continue
                content = self._content(version)
                # A connector fetches the same again and again. The ETag of what is encrypted is another one each time.
                identity = f"{suffix} {hashlib.sha256(content).hexdigest()}"
                answers.setdefault(identity, ReceivedAnswer(identity, read(content)))
        return Received(versions=tuple(versions), answers=tuple(answers.values()))

    def settlements(self, of: Receiver, sequence: int) -> tuple[Settlement, ...] | Unreadable | None:
        key = f"{inbound_prefix(self._tenant, of.legal_entity_id)}{settlements_name(of.company, sequence)}"
        versions = self._client.list_object_versions(Bucket=self._bucket, Prefix=key, MaxKeys=1).get("Versions", [])
        if not versions:
            return None
        return read_settlements(self._content(versions[0]), company=of.company, sequence=sequence)

    def tells_later(self, of: Receiver, sequence: int) -> bool:
        inbound = inbound_prefix(self._tenant, of.legal_entity_id)
        listed = self._client.list_object_versions(
            Bucket=self._bucket,
            Prefix=f"{inbound}settlements.{of.company}.",
            KeyMarker=f"{inbound}{settlements_name(of.company, sequence)}",
        )
        found = {version["Key"].removeprefix(inbound) for version in listed.get("Versions", [])}
        later = {name for name in found if name > settlements_name(of.company, sequence)}
        return any(_SETTLEMENTS.fullmatch(name) for name in later)

    def _versions(self, file: DeliveryFile, suffix: str) -> "list[ObjectVersionTypeDef]":
        """Return the newest thousand versions of an answer, oldest first."""
        key = f"{inbound_prefix(self._tenant, file.stream.legal_entity_id)}{file.name}.{suffix}"
        found = self._client.list_object_versions(Bucket=self._bucket, Prefix=key).get("Versions", [])
        return found[::-1]  # S3 lists the newest first

    def _content(self, version: "ObjectVersionTypeDef") -> bytes:
        if version["Size"] > _MOST_BYTES:
            return b""  # read as what it is: no answer
        stored = self._client.get_object(Bucket=self._bucket, Key=version["Key"], VersionId=version["VersionId"])
        return stored["Body"].read()

    def _staged(self, file: DeliveryFile) -> str:
        return f"{self._tenant}/staging/{file.sha256}"
