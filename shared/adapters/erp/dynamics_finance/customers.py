"""Customers: one a company, under our own key, which is the customer account."""

from shared.adapters.erp.customer_key import customer_key
from shared.adapters.erp.dynamics_finance.data_service import DataService, Row, literal
from shared.adapters.erp.dynamics_finance.settings import Settings
from shared.domain.money import Currency
from shared.domain.posting.document import PostingParty
from shared.domain.posting.outcome import AuthFailed, Duplicate, LookupFailed, Rejected, Throttled
from shared.domain.posting.readings import CustomerOutcome, CustomerReading, CustomerReady

_CUSTOMERS = "CustomersV3"
_READ = (
    "CustomerAccount",
    "OrganizationName",
    "AddressCountryRegionISOCode",
    "TaxExemptNumber",
    "PrimaryContactEmail",
    "OnHoldStatus",
)


def ensure_customer(data: DataService, party: PostingParty, currency: Currency, settings: Settings) -> CustomerOutcome:
    key = customer_key(party.customer_id)
    found = data.company_rows(_CUSTOMERS, f"CustomerAccount eq {literal(key)}", fields=["CustomerAccount"])
    if found and not isinstance(found, LookupFailed):
        return CustomerReady(key)
    # Also after a look-up without an answer: the account is unique, and the reply tells what is wrong.
    created = data.create(_CUSTOMERS, _fields(party, key, currency, settings))
    match created:
        case dict() | Duplicate():
            return CustomerReady(key)  # somebody else may have been faster
        case Rejected() | Throttled() | AuthFailed():
            return created
        case _:
            return Throttled()  # the document has not been sent: the next attempt finds the customer or makes it


def find_customers(data: DataService, party: PostingParty) -> tuple[CustomerReading, ...] | LookupFailed:
    key = customer_key(party.customer_id)
    conditions = [f"CustomerAccount eq {literal(key)}", f"OrganizationName eq {literal(party.name)}"]
    if party.tax_id:
        conditions.append(f"TaxExemptNumber eq {literal(party.tax_id)}")
    rows = data.company_rows(_CUSTOMERS, " or ".join(conditions), fields=_READ)
    if isinstance(rows, LookupFailed):
        return rows
    # A star in a name stands for any characters in a filter: who is found so is not looked for.
    return tuple(reading for reading in (_reading(row, key) for row in rows) if _may_be(reading, party))


def _fields(party: PostingParty, key: str, currency: Currency, settings: Settings) -> dict[str, object]:
    optional = {
        "AddressCountryRegionISOCode": party.country,
        "TaxExemptNumber": party.tax_id,
        "PrimaryContactEmail": party.email,
    }
    given = {name: text for name, text in optional.items() if text}
    return {
        "CustomerAccount": key,
        "OrganizationName": party.name,
        "PartyType": "Organization",
        "CustomerGroupId": settings.customer_group,
        "SalesCurrencyCode": currency.code,
        **given,
    }


def _reading(row: Row, key: str) -> CustomerReading:
    account = str(row.get("CustomerAccount", ""))
    return CustomerReading(
        key=account,
        name=str(row.get("OrganizationName", "")),
        country=str(row.get("AddressCountryRegionISOCode", "")),
        tax_id=str(row.get("TaxExemptNumber", "")),
        email=str(row.get("PrimaryContactEmail", "")),
        linked=account.upper() == key,
        blocked=str(row.get("OnHoldStatus", "No")) not in {"No", ""},
    )


def _may_be(reading: CustomerReading, party: PostingParty) -> bool:
    by_name = reading.name.casefold() == party.name.casefold()
    return reading.linked or by_name or bool(party.tax_id and reading.tax_id.casefold() == party.tax_id.casefold())
