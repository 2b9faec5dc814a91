"""CustomersV3: created under a number of the caller's, which is unique in a company."""

from simulators.erp.dynamics_finance import values
from simulators.erp.dynamics_finance.books import CompanyBooks
from simulators.erp.dynamics_finance.dialect import already_exists, unknown_value, write_failed
from simulators.erp.dynamics_finance.values import Row

ENTITY = "CustomerV3"
TEXTS = {
    "CustomerGroupId": 10,
    "OrganizationName": 100,
    "PartyType": 20,
    "NameAlias": 20,
    "SalesCurrencyCode": 3,
    "PaymentTerms": 10,
    "SalesTaxGroup": 10,
    "InvoiceAccount": 20,
    "DefaultDimensionDisplayValue": 500,
    "LanguageId": 7,
    "TaxExemptNumber": 20,
    "AddressCountryRegionId": 10,
    "AddressCountryRegionISOCode": 2,
    "PrimaryContactEmail": 255,
    "OrganizationNumber": 20,
}
SETTABLE = frozenset({*TEXTS, "dataAreaId", "CustomerAccount"})


def create_customer(books: CompanyBooks, sent: Row) -> Row:
    values.only_known(sent, known=SETTABLE, entity=ENTITY)
    account = values.text(sent, "CustomerAccount", width=20) or books.next_number("CUST-")
    if account.casefold() in books.customers:
        raise already_exists(ENTITY, f"Customer account: {account}")
    texts = {name: values.text(sent, name, width=width) for name, width in TEXTS.items()}
    for field in ("CustomerGroupId", "SalesCurrencyCode", "OrganizationName"):
        if not texts[field]:
            raise write_failed(ENTITY, f"Field '{field}' must be filled in.", status=400)
    customer: Row = {
        "@odata.etag": "",
        "dataAreaId": books.company,
        "CustomerAccount": account,
        **texts,
        "PartyType": texts["PartyType"] or "Organization",
        "LanguageId": texts["LanguageId"] or "en-US",
        "PartyNumber": books.next_number("P-"),
        "OnHoldStatus": "No",
    }
    books.environment.changed(customer)
    books.customers[account.casefold()] = customer
    books.environment.on_rollback(lambda: books.customers.pop(account.casefold()))
    return customer


def customer_of(books: CompanyBooks, account: str, *, entity: str, field: str) -> Row:
    customer = books.customers.get(account.casefold())
    if customer is None:
        raise unknown_value(entity, field, account)
    return customer
