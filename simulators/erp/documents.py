"""A document as a simulated ERP holds it, in words that fit every ERP, for tests and reports."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDocument:
    """One document. `posted` is False for what the ledger does not hold; amounts are in currency units.

    A `credit_memo` has positive amounts too; the ledger books it the other way round. The net and gross of a `journal`
    are the total of its debits. `open_amount` is what is neither paid nor applied yet; of what is not posted, nothing.

    `accounting_period` is YYYY-MM; `external_ref` is empty where the caller sent none.
    """

    kind: Literal["invoice", "credit_memo", "journal"]
    company: str
    document_id: str
    external_ref: str
    number: str
    customer: str
    status: str
    posted: bool
    accounting_period: str
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    open_amount: Decimal

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}
