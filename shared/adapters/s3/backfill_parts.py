"""The parts of backfills in S3 (port BackfillParts), gzipped. The bucket's lifecycle removes them."""

import gzip
from typing import TYPE_CHECKING

from shared.domain.backfill.backfill import Part
from shared.domain.identifiers import TenantId

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3BackfillParts:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId) -> None:
        self._client = client
        self._bucket = bucket
        self._tenant = tenant

    def store(self, backfill_id: str, part: Part, data: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=self._key(backfill_id, part), Body=gzip.compress(data, mtime=0)
        )

    def load(self, backfill_id: str, part: Part) -> bytes:
        stored = self._client.get_object(Bucket=self._bucket, Key=self._key(backfill_id, part))
        return gzip.decompress(stored["Body"].read())

    def _key(self, backfill_id: str, part: Part) -> str:
        return f"backfills/{self._tenant}/{backfill_id}/{part.name}.json.gz"
