"""Everything that keeps an invoice from being issued, found at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import assert_never

from shared.domain.currency_exchange.exchange_rate import ExchangeRate
from shared.domain.currency_exchange.published_rates import RateMissing
from shared.domain.exception_record import ExceptionCode, ExceptionRecord, exception_id
from shared.domain.invoicing.invoice import Invoice, InvoiceLine
from shared.domain.invoicing.numbering import InvoiceSeries
from shared.domain.invoicing.totals import Totals, totals
from shared.domain.issue import Issue, Severity
from shared.domain.master_data.catalog import Contract, ErpMapping, LegalEntity
from shared.domain.master_data.customer import Customer
from shared.domain.money import EXACT, Currency, Money, exact_sum, total
from shared.domain.posting.compose import party_of
from shared.domain.posting.limits import Contents, Misfit, MisfitCode, Part, misfits
from shared.domain.posting.mapping_check import UnknownName
from shared.domain.posting.named_on_invoice import named_on_invoice
from shared.domain.posting.systems.registry import SYSTEMS
from shared.domain.posting.tax_difference import why_not_taken

MAX_LINES_PER_INVOICE = 1_000  # an ERP may take fewer
MAX_MESSAGE_LENGTH = 1_000
MOST_ROUNDED_PER_LINE = 2  # minor units: a tax engine may round the tax of each of a line's jurisdictions by itself


class InvoiceIssueCode(StrEnum):
    USAGE_ON_HOLD = "USAGE_ON_HOLD"
    MAPPING_MISSING = "MAPPING_MISSING"
    TOTALS_DO_NOT_TIE = "TOTALS_DO_NOT_TIE"
    LINE_DOES_NOT_TIE = "LINE_DOES_NOT_TIE"
    TAX_DOES_NOT_TIE = "TAX_DOES_NOT_TIE"
    NEGATIVE_TOTAL = "NEGATIVE_TOTAL"
    NO_LINES = "NO_LINES"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    NOT_IN_ENCODING = "NOT_IN_ENCODING"
    INVOICE_OVER_LIMIT = "INVOICE_OVER_LIMIT"
    CREDITED_MEANWHILE = "CREDITED_MEANWHILE"  # found when it was to be issued
    EXCHANGE_RATE_MISSING = "EXCHANGE_RATE_MISSING"


def validate(
    invoice: Invoice,
    *,
    entity: LegalEntity,
    holds: Sequence[str],
    unknown: Sequence[UnknownName] = (),
    contract: Contract | None = None,
    buyer: Customer | None = None,
    rate: ExchangeRate | RateMissing | None = None,
) -> tuple[Issue, ...]:
    """Return what earlier steps found together with every fault of the invoice as it stands now.

    `contract` is the one that it bills, `buyer` who owes it; None where master data does not know them any more.
    `unknown` is what the ERP was found not to know; what the mapping does not name any more is none of it.
    `rate` is what it would be converted at if it were issued now; None where it is in the currency of the books.
    """
    ours = {str(code) for code in InvoiceIssueCode}
    earlier = (issue for issue in invoice.issues if issue.code not in ours)
    return (
        *earlier,
        *_holds(holds),
        *_not_converted(rate),
        *_over(invoice, limit_of(contract, entity, invoice.gross.currency)),
        *_too_many(invoice, entity),
        *unfit_for_its_erp(invoice, entity=entity, contract=contract, buyer=buyer),
        *_unknown(invoice, entity, unknown),
        *_arithmetic(invoice),
    )


def limit_of(contract: Contract | None, entity: LegalEntity, currency: Currency) -> Money | None:
    """Return what an invoice may come to at most: the contract's own limit, or that of its legal entity."""
    own = contract.invoice_limit if contract else None
    limits = (own,) if own is not None else entity.invoice_limits
    return next((limit for limit in limits if limit.currency == currency), None)


def lines_that_fit(erp: ErpMapping) -> int:
    """Return the most lines that an invoice can have which is posted there."""
    return min(MAX_LINES_PER_INVOICE, SYSTEMS[erp.system].capabilities.as_set(erp.settings).max_lines)


def is_critical(issues: Sequence[Issue]) -> bool:
    return any(issue.severity is Severity.CRITICAL for issue in issues)


def exceptions_of(invoice: Invoice, *, raised_at: datetime) -> tuple[ExceptionRecord, ...]:
    """Return one exception per kind of fault, each naming all faults of its kind."""
    critical = [issue for issue in invoice.issues if issue.severity is Severity.CRITICAL]
    records = []
    for code, group in groupby(sorted(critical, key=_code), key=_code):
        faults = [f"{issue.path}: {issue.message}" if issue.path else issue.message for issue in group]
        records.append(
            ExceptionRecord(
                exception_id=exception_id(code, invoice.invoice_id),
                tenant=invoice.tenant,
                code=code,
                subject=invoice.invoice_id,
                message="; ".join(faults)[:MAX_MESSAGE_LENGTH],
                raised_at=raised_at,
                detail={
                    "revision": str(invoice.revision),
                    "customer": invoice.customer_id,
                    "contract": invoice.contract_id,
                    "billing_period": invoice.billing_period.name,
                    "bill_run": invoice.prepared_by,
                    "catalog_version": invoice.catalog_version,
                    "faults": str(len(faults)),
                },
            )
        )
    return tuple(records)


def _code(issue: Issue) -> ExceptionCode:
    has_its_own = issue.code in {code.value for code in ExceptionCode}
    return ExceptionCode(issue.code) if has_its_own else ExceptionCode.INVOICE_INVALID


def _holds(reasons: Sequence[str]) -> Iterator[Issue]:
    for reason in reasons:
        yield _critical(InvoiceIssueCode.USAGE_ON_HOLD, f"the usage behind it is held: {reason}")


def _not_converted(rate: ExchangeRate | RateMissing | None) -> Iterator[Issue]:
    if isinstance(rate, RateMissing):
        yield _critical(InvoiceIssueCode.EXCHANGE_RATE_MISSING, rate.reason)


def _over(invoice: Invoice, limit: Money | None) -> Iterator[Issue]:
    if limit is not None and limit < invoice.gross:
        message = f"{invoice.gross} is over the limit of {limit} that one invoice of {invoice.contract_id} may come to"
        yield _critical(InvoiceIssueCode.INVOICE_OVER_LIMIT, message)


def _too_many(invoice: Invoice, entity: LegalEntity) -> Iterator[Issue]:
    """Name our own limit where the ERP would take more."""
    most = SYSTEMS[entity.erp.system].capabilities.as_set(entity.erp.settings).max_lines
    if len(invoice.lines) > MAX_LINES_PER_INVOICE < most:
        message = f"{len(invoice.lines)} lines, {MAX_LINES_PER_INVOICE} fit"
        yield _critical(InvoiceIssueCode.TOO_MANY_LINES, message)


def unfit_for_its_erp(
    invoice: Invoice,
    *,
    entity: LegalEntity,
    contract: Contract | None,
    buyer: Customer | None,
) -> Iterator[Issue]:
    """Name what the ERP would refuse: by then the invoice has taken a number, which cannot be given back.

    One that has no number yet is held against it with the first one of its series.
    """
    series = InvoiceSeries(legal_entity_id=entity.legal_entity_id, prefix=entity.invoice_series, last=1)
    contents = Contents(
        number=invoice.number or series.last_number,
        lines=invoice.lines,
        currency=invoice.gross.currency,
        party=None if buyer is None else party_of(buyer),
        may_be_new=True,
        purchase_order="" if contract is None else contract.purchase_order,
    )
    for misfit in misfits(contents, entity.erp, SYSTEMS[entity.erp.system]):
        yield _of_misfit(misfit, entity, _place_of(misfit, invoice))
    yield from _taxed_otherwise(invoice, entity)


def _place_of(misfit: Misfit, invoice: Invoice) -> str:
    """Return the id of what is to be mended."""
    match misfit.part:
        case Part.NUMBER:
            return invoice.legal_entity_id
        case Part.LINE:
            return invoice.lines[misfit.line - 1].line_id
        case Part.ORDER:
            return invoice.contract_id
        case Part.CUSTOMER:
            return invoice.buyer_id
        case Part.WHOLE:
            return ""
        case _ as never:
            assert_never(never)


def _of_misfit(misfit: Misfit, entity: LegalEntity, path: str) -> Issue:
    match misfit.code:
        case MisfitCode.NOT_MAPPED:
            message = f"{misfit.text} has no name in the {entity.erp.system} of {entity.legal_entity_id}"
            return _critical(InvoiceIssueCode.MAPPING_MISSING, message, path="erp")
        case MisfitCode.TEXT_TOO_LONG:
            return _critical(InvoiceIssueCode.TEXT_TOO_LONG, misfit.text, path)
        case MisfitCode.NOT_IN_ENCODING:
            return _critical(InvoiceIssueCode.NOT_IN_ENCODING, misfit.text, path)
        case MisfitCode.TOO_MANY_LINES:
            return _critical(InvoiceIssueCode.TOO_MANY_LINES, misfit.text, path)
        case _ as never:
            assert_never(never)


def _taxed_otherwise(invoice: Invoice, entity: LegalEntity) -> Iterator[Issue]:
    """Name what the ERP would tax otherwise, as where an engine has rounded each line."""
    erp, system = entity.erp, SYSTEMS[entity.erp.system]
    if system.mapping.one_rate_per_tax_code:
        yield from _codes_of_two_rates(invoice, erp)
    if not any(_taxes(invoice)):  # wrong tax is told anyway
        tax = total((tax.amount for tax in invoice.taxes), invoice.gross.currency)
        lines = [(line.tax_code, line.tax_rate, line.amount) for line in invoice.lines if line.tax_rate is not None]
        if why := why_not_taken(lines, tax, erp, system):
            yield _critical(InvoiceIssueCode.MAPPING_MISSING, why, path="erp")


def _codes_of_two_rates(invoice: Invoice, erp: ErpMapping) -> Iterator[Issue]:
    """Name what an ERP that works out tax by itself, from its code of a line alone, would tax at one rate."""
    rates: defaultdict[str, set[Decimal]] = defaultdict(set)
    ours: defaultdict[str, set[str]] = defaultdict(set)
    for tax in invoice.taxes:
        theirs = erp.tax_codes.get(tax.code, tax.code)
        rates[theirs].add(tax.rate)
        ours[theirs].add(tax.code)
    for theirs in sorted(code for code, found in rates.items() if len(found) > 1):
        told = f"the {len(rates[theirs])} rates of tax code {' and '.join(sorted(ours[theirs]))}"
        message = f"{told} would be one in {erp.system}, that of {theirs}; give each rate a code"
        yield _critical(InvoiceIssueCode.MAPPING_MISSING, message, path="erp")


def _unknown(invoice: Invoice, entity: LegalEntity, unknown: Sequence[UnknownName]) -> Iterator[Issue]:
    """Name what the ERP would refuse of what the mapping has, by what its last check has found."""
    if not unknown:
        return
    named = set(named_on_invoice(invoice, entity.erp))
    for one in unknown:
        if (one.name, one.key) in named:
            yield _critical(InvoiceIssueCode.MAPPING_MISSING, f"{one}, by the last check of the mapping", path="erp")


def _arithmetic(invoice: Invoice) -> Iterator[Issue]:
    for line in invoice.lines:
        if not _ties(line):
            yield _critical(InvoiceIssueCode.LINE_DOES_NOT_TIE, "the amount is not its parts rounded", line.line_id)
    yield from _taxes(invoice)
    stated = Totals(net=invoice.net, tax=invoice.tax, gross=invoice.gross)
    if stated != totals(invoice.lines, invoice.taxes, invoice.gross.currency):
        yield _critical(InvoiceIssueCode.TOTALS_DO_NOT_TIE, "the totals are not the sums of lines and taxes")
    if invoice.gross.amount < 0:
        yield _critical(InvoiceIssueCode.NEGATIVE_TOTAL, f"a total of {invoice.gross} needs a credit note")
    if not invoice.lines:
        yield _critical(InvoiceIssueCode.NO_LINES, "there is nothing to bill; a later bill run records that")


def _ties(line: InvoiceLine) -> bool:
    """Whether quantity and amount are those of the parts, worked out again, less what was billed before."""
    priced = exact_sum(part.units for part in line.parts)
    precise = exact_sum(EXACT.fma(part.quantity, part.unit_price, part.flat_amount) for part in line.parts)
    amount = Money(precise, line.amount.currency).rounded()
    if line.adjusts is not None:
        priced, amount = EXACT.subtract(priced, line.adjusts.quantity), amount - line.adjusts.amount
    return (line.quantity, line.precise_amount, line.amount) == (priced, precise, amount)


def _taxes(invoice: Invoice) -> Iterator[Issue]:
    """Hold each tax against the lines of its code, rate and category."""
    currency = invoice.net.currency
    for tax in invoice.taxes:
        key = tax.code, tax.rate, tax.vat_category
        lines = [line for line in invoice.lines if (line.tax_code, line.tax_rate, line.vat_category) == key]
        base = total((line.amount for line in lines), currency)
        if tax.base != base or not _is_tax_of(tax.amount, lines, base * tax.rate):
            message = f"{tax.code}: {tax.amount} on {tax.base} at {tax.rate} is not the tax of its lines, {base}"
            yield _critical(InvoiceIssueCode.TAX_DOES_NOT_TIE, message)
    taxed = {(tax.code, tax.rate) for tax in invoice.taxes}
    untaxed = {line.tax_code for line in invoice.lines if line.tax_code and (line.tax_code, line.tax_rate) not in taxed}
    for code in sorted(untaxed):
        yield _critical(InvoiceIssueCode.TAX_DOES_NOT_TIE, f"{code}: its lines are not taxed")


def _is_tax_of(amount: Money, lines: Sequence[InvoiceLine], precise: Money) -> bool:
    """Whether the tax is rounded once from the exact one, or the sum of lines that a tax engine has rounded."""
    rounded = [line.tax for line in lines if line.tax is not None]
    if not rounded:
        return amount == precise.rounded()
    off = abs((amount - precise).amount)
    most = MOST_ROUNDED_PER_LINE * len(lines) * amount.currency.minor_unit
    return amount == total(rounded, amount.currency) and off <= most


def _critical(code: InvoiceIssueCode, message: str, path: str = "") -> Issue:
    return Issue(severity=Severity.CRITICAL, code=code, message=message, path=path)
