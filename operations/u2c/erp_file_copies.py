"""What ERPs that read files were sent, and what they have answered, as it lay in the bucket."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from operations.u2c.bucket_copy import copy_objects
from shared.domain.identifiers import LegalEntityId, TenantId

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def copy_erp_files(
    client: "S3Client", bucket: str, tenant: TenantId, entities: Iterable[LegalEntityId], folder: Path
) -> None:
    """Copy both directions of each legal entity; one that has no files has no folder. What is only staged stays."""
    for entity in entities:
        for direction in ("outbound", "inbound"):
            prefix = f"{tenant}/{entity}/{direction}/"
            copy_objects(client, bucket, folder / entity / direction, prefix=prefix)
