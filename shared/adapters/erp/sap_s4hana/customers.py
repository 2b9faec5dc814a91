"""Customers: business partners found by our key of them, created in one deep call where the mapping says how.

The key (BusinessPartnerIDByExtSystem) is not unique in SAP, so that one writer at a time creates a customer. Of several
partners with it, which people may make, the first one made is taken; the alignment of customers reports the others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.one_writer import OneWriter
from shared.adapters.erp.reply_classes import after_failed_write, before_any_write
from shared.adapters.erp.sap_s4hana.odata import ODATA, Row, Unread, any_of, read_page, read_rows, text
from shared.adapters.erp.sap_s4hana.session import SapSession
from shared.adapters.http.exact_json import MalformedReplyError
from shared.adapters.http.transport import Reply
from shared.domain.identifiers import CustomerId
from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.document import PostingParty
from shared.domain.posting.limits import unfit_customer
from shared.domain.posting.outcome import (
    AuthFailed,
    LookupFailed,
    Rejected,
    RejectionCode,
    RejectionKind,
    Throttled,
    Uncertain,
)
from shared.domain.posting.readings import CustomerOutcome, CustomerReading, CustomerReady
from shared.domain.posting.systems.sap_s4hana import SAP_S4HANA

PARTNERS = "API_BUSINESS_PARTNER/A_BusinessPartner"
_TAX_NUMBERS = "API_BUSINESS_PARTNER/A_BusinessPartnerTaxNumber"
_OUR_KEY = "BusinessPartnerIDByExtSystem"
_ORGANIZATION, _CUSTOMER_ROLE = "2", "FLCU00"
_COPIES_MAX = 100
_ADDRESSES, _TAXES = "to_BusinessPartnerAddress", "to_BusinessPartnerTax"
_READ: Final = ("BusinessPartner", "Customer", _OUR_KEY, "BusinessPartnerFullName", "BusinessPartnerIsBlocked")


def debtor_of(session: SapSession, customer_id: CustomerId) -> str | AuthFailed | Throttled | Rejected:
    """Return SAP's number of a customer, "" for one that it does not have; or what its not answering means."""
    found = read_page(
        session,
        PARTNERS,
        where=f"{_OUR_KEY} eq {text(customer_key(customer_id))}",
        fields=("BusinessPartner", "Customer"),
        by=("BusinessPartner",),
        top=_COPIES_MAX,
    )
    if isinstance(found, Unread):
        return before_any_write(found.result)  # creating one now might make a second one
    return next((str(row["Customer"]) for row in found if row.get("Customer")), "")


def ensure(session: SapSession, party: PostingParty, mapping: ErpMapping, *, one_writer: OneWriter) -> CustomerOutcome:
    looked_up_at = one_writer.clock.now()
    debtor = debtor_of(session, party.customer_id)
    if not isinstance(debtor, str):
        return debtor
    if debtor:
        return CustomerReady(debtor)
    if "business_partner_grouping" not in mapping.settings:
        key = customer_key(party.customer_id)
        why = f"no business partner with {_OUR_KEY} {key} is a customer, and the mapping does not say how to make one"
        return Rejected.of(RejectionCode.CUSTOMER_MISSING, why)
    fields = _fields(party, mapping)
    if isinstance(fields, Rejected):
        return fields
    return _created_once(session, fields, one_writer, customer_key(party.customer_id), looked_up_at)


def _created_once(
    session: SapSession, fields: dict[str, object], one_writer: OneWriter, key: str, looked_up_at: datetime
) -> CustomerOutcome:
    creation = one_writer.begin(key, looked_up_at=looked_up_at)
    if isinstance(creation, Throttled):
        return creation
    outcome = _created(session, fields)
    match outcome:
        case CustomerReady():
            return outcome  # the creation stands for as long as a look-up of others may be older
        case Uncertain():
            return one_writer.lost(key, creation)
        case Rejected() | Throttled() | AuthFailed():
            one_writer.refused(key, creation)
            return outcome
        case _ as never:
            assert_never(never)


def _created(session: SapSession, fields: dict[str, object]) -> CustomerOutcome | Uncertain:
    result = session.create(f"{ODATA}/{PARTNERS}", fields)
    if not isinstance(result, Reply) or not result.succeeded:
        failed = after_failed_write(result)
        if isinstance(failed, Uncertain):
            return failed
        return _refusal(result) if isinstance(result, Reply) else before_any_write(result)
    try:
        debtor = str(result.json()["d"]["Customer"] or "")
    except (MalformedReplyError, KeyError, TypeError):
        debtor = ""
    return CustomerReady(debtor) if debtor else Uncertain("the reply names no customer")


def _refusal(reply: Reply) -> CustomerOutcome:
    """Return SAP's own words where it has any."""
    outcome = before_any_write(reply)
    if not isinstance(outcome, Rejected):
        return outcome
    try:
        error = reply.json()["error"]
        return Rejected(RejectionKind.CONFIGURATION, str(error["code"]), str(error["message"]["value"]))
    except (MalformedReplyError, KeyError, TypeError):
        return outcome


def _fields(party: PostingParty, mapping: ErpMapping) -> dict[str, object] | Rejected:
    if (refusal := unfit_customer(party, mapping, SAP_S4HANA)) is not None:
        return refusal
    names, category = _names(party), mapping.settings.get("tax_number_category")
    address: dict[str, object] = {"Country": party.country}
    if party.email:
        address["to_EmailAddress"] = [{"EmailAddress": party.email}]
    company = {"CompanyCode": mapping.company, "ReconciliationAccount": mapping.receivable_account}
    if terms := mapping.settings.get("payment_terms"):
        company["PaymentTerms"] = terms
    return {
        "BusinessPartnerCategory": _ORGANIZATION,
        "BusinessPartnerGrouping": mapping.settings["business_partner_grouping"],
        _OUR_KEY: customer_key(party.customer_id),
        **{f"OrganizationBPName{place}": name for place, name in enumerate(names, start=1)},
        "to_BusinessPartnerRole": [{"BusinessPartnerRole": _CUSTOMER_ROLE}],
        _ADDRESSES: [address],
        **_tax_number(party, category),
        "to_Customer": {"to_CustomerCompany": [company]},
    }


def _names(party: PostingParty) -> Sequence[str]:
    return SAP_S4HANA.widths.name_in_lines(party.name)


def _tax_number(party: PostingParty, category: str | None) -> dict[str, object]:
    """Return the tax number where the mapping says which category it is of; SAP refuses one without or of another."""
    if not party.tax_id or category is None:
        return {}
    return {_TAXES: [{"BPTaxType": party.country + category, "BPTaxNumber": party.tax_id}]}


def candidates(session: SapSession, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
    """Return the partners that carry our key, the tax number or the name of a customer."""
    key = customer_key(party.customer_id)
    with_number = _with_tax_number(session, party.tax_id)
    if isinstance(with_number, LookupFailed):
        return with_number
    conditions = [f"{_OUR_KEY} eq {text(key)}"]
    conditions += [f"OrganizationBPName1 eq {text(name)}" for name in _names(party)[:1]]
    conditions += [any_of("BusinessPartner", with_number)] if with_number else []
    found = read_rows(
        session,
        PARTNERS,
        where=" or ".join(conditions),
        fields=(*_READ, _ADDRESSES, _TAXES),
        by=("BusinessPartner",),
        expand=f"{_ADDRESSES}/to_EmailAddress,{_TAXES}",
    )
    if isinstance(found, LookupFailed):
        return found
    try:
        return tuple(_reading(row, key) for row in found)
    except (KeyError, TypeError, AttributeError) as error:
        return LookupFailed(f"a business partner cannot be read: {type(error).__name__}")


def _with_tax_number(session: SapSession, tax_id: str) -> Sequence[str] | LookupFailed:
    if not tax_id:
        return ()
    found = read_rows(
        session,
        _TAX_NUMBERS,
        where=f"BPTaxNumber eq {text(tax_id)}",
        fields=("BusinessPartner", "BPTaxType"),
        by=("BusinessPartner", "BPTaxType"),
    )
    return found if isinstance(found, LookupFailed) else [str(row.get("BusinessPartner")) for row in found]


def _reading(row: Row, key: str) -> CustomerReading:
    addresses, numbers = row[_ADDRESSES]["results"], row[_TAXES]["results"]
    emails = addresses[0]["to_EmailAddress"]["results"] if addresses else []
    return CustomerReading(
        key=str(row["Customer"] or row["BusinessPartner"]),
        name=str(row["BusinessPartnerFullName"]),
        country=str(addresses[0]["Country"]) if addresses else "",
        tax_id=str(numbers[0]["BPTaxNumber"]) if numbers else "",
        email=str(emails[0]["EmailAddress"]) if emails else "",
        linked=row[_OUR_KEY] == key,
        blocked=bool(row["BusinessPartnerIsBlocked"]),
    )
