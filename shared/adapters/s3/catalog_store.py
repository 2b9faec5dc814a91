"""Published catalogues in S3: one immutable JSON document a version (port CatalogStore)."""

import json
from typing import TYPE_CHECKING

from shared.contracts.catalog import content_digest, read_catalog
from shared.domain.identifiers import CatalogVersion, TenantId
from shared.domain.master_data.catalog import Catalog
from shared.ports.catalog_store import UnusableCatalogError
from shared.ports.tax_ids import TaxIds

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FAULTS_NAMED = 20


class S3CatalogStore:
    def __init__(self, client: "S3Client", bucket: str, tenant: TenantId, tax_ids: TaxIds) -> None:
        self._client = client
        self._bucket = bucket
        self._tenant = tenant
        self._tax_ids = tax_ids

    def load(self, key: str, version: CatalogVersion) -> Catalog:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        if content_digest(body) != version.rpartition("-")[2]:
            raise UnusableCatalogError(f"{key} does not hold what version {version} names")
        catalog = read_catalog(json.loads(body), tax_ids=self._tax_ids)
        if not isinstance(catalog, Catalog):
            faults = "; ".join(f"{fault.code} {fault.path}: {fault.message}" for fault in catalog[:_FAULTS_NAMED])
            raise UnusableCatalogError(f"{len(catalog)} faults in {key}: {faults}")
        if catalog.tenant != self._tenant:
            raise UnusableCatalogError(f"{key} is a catalogue of {catalog.tenant}, not of {self._tenant}")
        return catalog
