"""Names of things, typed so that two of them cannot be swapped by accident."""

from typing import NewType

TenantId = NewType("TenantId", str)  # the selling company
CustomerId = NewType("CustomerId", str)
ContractId = NewType("ContractId", str)
SubscriptionId = NewType("SubscriptionId", str)
PlanId = NewType("PlanId", str)
ChargeId = NewType("ChargeId", str)
AdjustmentId = NewType("AdjustmentId", str)  # of a price adjustment, within its charge or contract
ProductId = NewType("ProductId", str)
MeterCode = NewType("MeterCode", str)
LegalEntityId = NewType("LegalEntityId", str)
InvoiceId = NewType("InvoiceId", str)  # business key: contract and service period
InvoiceNumber = NewType("InvoiceNumber", str)  # the legal, gapless number
CreditNoteId = NewType("CreditNoteId", str)  # business key: invoice, revision and request
CreditNoteNumber = NewType("CreditNoteNumber", str)  # the legal, gapless number, of a series of its own
PostingId = NewType("PostingId", str)
JournalId = NewType("JournalId", str)  # named by whoever prepares it
ExternalRef = NewType("ExternalRef", str)  # 16 characters of A-Z2-7, our key inside an ERP document
ExceptionId = NewType("ExceptionId", str)
CatalogVersion = NewType("CatalogVersion", str)
