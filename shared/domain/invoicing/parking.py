"""Billing accounts that bill runs leave out: what failed too often in a row waits for a person or another catalogue."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.identifiers import CatalogVersion, CustomerId, InvoiceId, TenantId
from shared.domain.invoicing.bill_run import BillingAccount, BillRunId, BillRunSelection, InvoiceClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedAccount:
    """A billing account that `attempts` bill runs have not brought to an issued invoice.

    `catalog_version` is the one that was published then. Once released it stays stored, so that failures from then on
    are counted anew.
    """

    invoice_id: InvoiceId
    customer_id: CustomerId
    attempts: int
    bill_run_id: BillRunId
    parked_at: datetime
    catalog_version: CatalogVersion
    released_by: str = ""
    released_at: datetime | None = None
    note: str = ""


def parked(account: BillingAccount, *, claim: InvoiceClaim, by: BillRunSelection) -> ParkedAccount:
    """Return the account as the bill run parks it instead of a further attempt."""
    return ParkedAccount(
        invoice_id=account.invoice_id,
        customer_id=account.customer_id,
        attempts=claim.attempt,
        bill_run_id=by.bill_run_id,
        parked_at=by.as_of,
        catalog_version=by.catalog_version,
    )


def is_parked(account: ParkedAccount | None, *, catalog_version: CatalogVersion) -> bool:
    """Whether bill runs leave it out. Another catalogue may have mended the cause: it is tried again by itself."""
    return account is not None and account.released_at is None and account.catalog_version == catalog_version


def failed_in_a_row(claim: InvoiceClaim, before: ParkedAccount | None) -> int:
    """Return how many bill runs ended without an issued invoice, since it was parked last if it ever was."""
    return claim.attempt - (before.attempts if before else 0)


def released(account: ParkedAccount, *, by: str, at: datetime, note: str) -> ParkedAccount:
    return replace(account, released_by=by, released_at=at, note=note)


def exception_of(account: ParkedAccount, *, failures: int, tenant: TenantId) -> ExceptionRecord:
    return ExceptionRecord(
        exception_id=exception_id(ExceptionCode.ACCOUNT_PARKED, account.invoice_id),
        tenant=tenant,
        code=ExceptionCode.ACCOUNT_PARKED,
        subject=account.invoice_id,
        message=f"{failures} bill runs in a row did not issue {account.invoice_id}; the next ones leave it out",
        raised_at=account.parked_at,
        detail={
            "invoice_id": account.invoice_id,
            "customer": account.customer_id,
            "bill_run": account.bill_run_id,
            "catalog_version": account.catalog_version,
        },
    )
