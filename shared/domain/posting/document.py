"""What we tell any ERP: one canonical document, with our key in it and nothing that only one ERP understands."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.identifiers import CustomerId, ExternalRef, LegalEntityId, PostingId, ProductId, TenantId
from shared.domain.money import EXACT, Money

_RATE_CHARACTERS = 15
_EXTERNAL_REF = re.compile(r"[A-Z2-7]{16}")


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_MEMO = "credit_memo"  # its amounts are positive
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingLine:
    line_no: int
    product_id: ProductId
    description: str
    quantity: Decimal
    amount: Money  # without tax, rounded
    tax_code: str
    tax_rate: Decimal  # fraction
    service_from: date  # first and last day of the service, in the customer's calendar
    service_to: date
    dimensions: tuple[tuple[str, str], ...] = ()  # our name and the value, in order of the names


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingTax:
    code: str
    rate: Decimal  # fraction
    base: Money
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingParty:
    customer_id: CustomerId
    name: str
    country: str
    tax_id: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedDocument:
    """The invoice that a credit memo credits: its legal number, and the ERP's own key of it."""

    human_number: str
    erp_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingDocument:
    """One document for one legal entity's ERP. `posting_date` decides the accounting period (YYYY-MM of that date)."""

    tenant: TenantId
    posting_id: PostingId
    external_ref: ExternalRef
    kind: DocumentKind
    legal_entity_id: LegalEntityId
    human_number: str  # the legal number
    document_date: date
    posting_date: date
    due_date: date
    party: PostingParty
    lines: tuple[PostingLine, ...]
    taxes: tuple[PostingTax, ...]
    net: Money
    tax: Money
    gross: Money
    purchase_order: str = ""
    corrects: CorrectedDocument | None = None  # of a credit memo
    rate: ExchangeRate | None = None  # into the currency of the entity's books, where that is another one

    @property
    def exchange_rate(self) -> Decimal | None:
        """What 1 of its currency is worth in that of the books, to the 15 characters that the tightest ERP takes."""
        if self.rate is None:
            return None
        exact = self.rate.worth_of_one(self.gross.currency)
        decimals = _RATE_CHARACTERS - len(f"{int(exact)}.")
        if len(f"{exact:f}") <= _RATE_CHARACTERS:
            return exact
        return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, EXACT)

    @property
    def accounting_period(self) -> str:
        return self.posting_date.strftime("%Y-%m")


def external_ref(*, tenant: TenantId, posting_id: PostingId) -> ExternalRef:
    """Return 16 upper-case base32 characters of an 80-bit digest: it fits the tightest field of every ERP we target.

    The posting id carries the revision, so a new revision is a new document for the ERP.
    """
    digest = hashlib.sha256(f"{tenant}\x00{posting_id}".encode()).digest()[:10]
    return ExternalRef(base64.b32encode(digest).decode("ascii"))


def is_external_ref(text: str) -> bool:
    """Whether a text has the form of our keys; other integrations write keys of other forms into an ERP."""
    return _EXTERNAL_REF.fullmatch(text) is not None
