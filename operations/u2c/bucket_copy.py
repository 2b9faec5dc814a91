"""Copies of what lies in buckets, on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def copy_objects(client: "S3Client", bucket: str, folder: Path, *, prefix: str = "") -> None:
    """Copy objects, each named by its key behind the prefix, as `aws s3 sync` does; of none there is no folder."""
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            path = folder / entry["Key"].removeprefix(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
