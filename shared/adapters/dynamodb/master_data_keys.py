"""Keys of master data: every item carries tenant and version, so that a version is written beside the one in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.domain.identifiers import CatalogVersion, TenantId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

POINTER = "version"
LEGAL_ENTITIES, PRODUCTS, METERS, PLANS, TAX_RATES, CUSTOMER_IDS, USAGE_CONTRACTS, PRODUCERS = (
    "legal-entities",
    "products",
    "meters",
    "plans",
    "tax-rates",
    "customer-ids",
    "usage-contracts",
    "producers",
)


def pointer_key(tenant: TenantId) -> "Mapping[str, AttributeValueTypeDef]":
    """Return the key of the item that names the published version."""
    return {"pk": {"S": f"{tenant}#current"}, "sk": {"S": POINTER}}


@dataclass(frozen=True, slots=True)
class VersionKeys:
    tenant: TenantId
    version: CatalogVersion

    def subject(self, subject: str) -> "Mapping[str, AttributeValueTypeDef]":
        """Return the key of the item that says whose name a subject is, and when."""
        return {"pk": {"S": f"{self.tenant}#{self.version}#subject#{subject}"}, "sk": {"S": "subject"}}

    def account(self, customer_id: str) -> "Mapping[str, AttributeValueTypeDef]":
        return {"pk": {"S": f"{self.tenant}#{self.version}#customer#{customer_id}"}, "sk": {"S": "account"}}

    def partition(self, kind: str) -> str:
        """Return the partition of all records of one kind."""
        return f"{self.tenant}#{self.version}#{kind}"
