"""A bucket as the receiver of our files sees it: what lies in `outbound/`, and where its answers go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from operations.local.calls import call_aws
from operations.local.deployment import aws
from shared.adapters.s3.erp_file_drop import inbound_prefix
from shared.domain.identifiers import LegalEntityId, TenantId


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """The folders of the legal entities behind one receiver, by its own keys of their companies.

    Nobody observes its calls: they are not ours. What it offers is what lies there; a name starts with source and
    company.
    """

    bucket: str
    tenant: TenantId
    entity_of: Mapping[str, LegalEntityId]

    def offered(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for entity in self.entity_of.values():
            prefix = f"{self.tenant}/{entity}/outbound/"
            listed = self._call("ListObjectsV2", Prefix=prefix).get("Contents", [])
            found |= {one["Key"].removeprefix(prefix): f"{one['ETag']} {one['LastModified']}" for one in listed}
        return found

    def read(self, name: str) -> bytes:
        content: bytes = self._call("GetObject", Key=f"{self.tenant}/{self._entity(name)}/outbound/{name}")[
            "Body"
        ].read()
        return content

    def answer(self, name: str, content: bytes) -> None:
        self._call("PutObject", Key=f"{inbound_prefix(self.tenant, self._entity(name))}{name}", Body=content)

    def _entity(self, name: str) -> LegalEntityId:
        return self.entity_of[name.split(".")[1]]

    def _call(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401 - any call's parameters and answer
        return call_aws(aws("s3"), operation, {"Bucket": self.bucket, **parameters})
