"""How an ERP by files is reached: not at all from here. Documents are staged, other functions deliver the files.

The secret of a connection is not read: a bucket is reached by permissions, a server by what its connector knows.
"""

from typing import Final

from shared.adapters.dynamodb.staged_documents import DynamoStagedDocuments
from shared.adapters.erp.legacy_files.adapter import LegacyFilesErp
from shared.adapters.erp.site import ErpSite
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.erp import ReadableErp

SECRET_FIELDS: Final = ()


def connect(entity: LegalEntity, site: ErpSite) -> ReadableErp:
    records = site.records
    staged = DynamoStagedDocuments(records.client, records.table, records.tenant) if records else None
    return LegacyFilesErp(entity, staged)
