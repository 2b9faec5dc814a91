"""Our journals in NetSuite's fields, and its journal entries as our reading."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.adapters.erp.netsuite.customers import external_id_of
from shared.adapters.erp.netsuite.documents import dimension_fields, memo, reference
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.money import Money, UnknownCurrencyError, currency, total
from shared.domain.posting.journal import Journal, JournalLine
from shared.domain.posting.outcome import ErpRef, LookupFailed, PostedDocument


def journal_fields(journal: Journal, entity: LegalEntity, *, period_id: str) -> dict[str, object]:
    return {
        "externalId": journal.external_ref,
        "tranId": journal.human_number,
        "tranDate": journal.posting_date.isoformat(),
        "postingPeriod": reference(period_id),
        "subsidiary": reference(entity.erp.company),
        "currency": reference(entity.erp.currencies[journal.net.currency.code]),
        "memo": memo(journal),
        "approved": True,
        "line": {"items": [_line_fields(line, entity) for line in journal.lines]},
    }


def posted_journal(
    fields: Mapping[str, Any], entity: LegalEntity, *, accounting_period: str
) -> PostedDocument | LookupFailed:
    """Return a journal entry that was read with its lines: it comes to the sum of its debits."""
    if not _is_whole(fields.get("line")):
        return LookupFailed("the journal entry is shown with a part of its lines")
    codes = {theirs: ours for ours, theirs in entity.erp.currencies.items()}
    try:
        unit = currency(codes[str(fields["currency"]["id"])])
        debits = total((Money(Decimal(line.get("debit", 0)), unit) for line in fields["line"]["items"]), unit)
        return PostedDocument(
            ref=ErpRef(str(fields["id"])),
            external_ref=str(fields["externalId"]),
            number=str(fields["tranId"]),
            posted=fields["approved"] is True,
            accounting_period=accounting_period,
            net=debits,
            tax=Money.zero(unit),
            gross=debits,
            exchange_rate=Decimal(fields["exchangeRate"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidOperation, UnknownCurrencyError) as error:
        return LookupFailed(f"the journal entry cannot be read: {type(error).__name__}")


def _is_whole(lines: object) -> bool:
    """Tell a list from a page of it, by what NetSuite's collections say of themselves; a sub-list may say nothing."""
    if not isinstance(lines, dict) or not isinstance(lines.get("items"), list):
        return True  # no list at all: it is not read either
    return lines.get("hasMore") is not True and lines.get("totalResults", len(lines["items"])) == len(lines["items"])


def _line_fields(line: JournalLine, entity: LegalEntity) -> dict[str, object]:
    amount = line.amount.amount
    side = {"debit": amount} if amount > 0 else {"credit": -amount}
    customer = line.customer_id
    code = line.amount.currency.code
    named = {"entity": {"externalId": external_id_of(customer, code, entity)}} if customer else {}
    return {
        "account": reference(entity.erp.account(line.account)),
        **side,
        "memo": line.text,
        **named,
        **dimension_fields(line.dimensions, entity),
    }
