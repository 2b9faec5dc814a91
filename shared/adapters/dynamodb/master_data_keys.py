"""Keys of master data: every item carries tenant and version, so that a version is written beside the one in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.domain.identifiers import CatalogVersion, TenantId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

POINTER = "version"
CHANGES = "amendment_changes"  # beside the pointer: how many changes of recorded amendments there were
LEGAL_ENTITIES, PRODUCTS, METERS, PLANS, TAX_RATES, CUSTOMER_IDS, USAGE_CONTRACTS, PRODUCERS, EXCHANGE_RATES = (
    "legal-entities",
    "products",
    "meters",
    "plans",
    "tax-rates",
    "customer-ids",
    "usage-contracts",
    "producers",
    "exchange-rates",
)


def pointer_key(tenant: TenantId) -> "Mapping[str, AttributeValueTypeDef]":
    """Return the key of the item that names the published version."""
    return {"pk": {"S": f"{tenant}#current"}, "sk": {"S": POINTER}}


def changes_of(pointer: "Mapping[str, AttributeValueTypeDef]") -> int:
    """Return how many changes of recorded amendments the pointer's item counts."""
    return int(pointer[CHANGES]["N"]) if CHANGES in pointer else 0


def amendments_partition(tenant: TenantId) -> str:
    """Return the partition of recorded amendments, an item for each customer. They belong to no version."""
    return f"{tenant}#amendments"


def amendments_key(tenant: TenantId, customer_id: str) -> "Mapping[str, AttributeValueTypeDef]":
    return {"pk": {"S": amendments_partition(tenant)}, "sk": {"S": customer_id}}


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
