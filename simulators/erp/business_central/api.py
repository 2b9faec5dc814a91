"""The addresses of API v2.0 that this simulator serves, and what each does with the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from simulators.erp.business_central import customers, invoices, periods, posting
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import not_found
from simulators.erp.business_central.odata import check_if_match, collection_reply, entity_reply, etag_of
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials, answer_token_request
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Handler, Operation, Reply
from simulators.http.faults import Fault

API = "/v2.0/{tenant}/{environment}/api/v2.0"
COMPANY = API + "/companies({company})"
INVOICE = COMPANY + "/salesInvoices({invoice})"
ONE_CENT = Decimal("0.01")
LINES = {"salesInvoiceLines": "_lines"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralApi:
    """Handlers over the books, which are keyed by company id in lower case."""

    books: Mapping[str, CompanyBooks]
    credentials: BusinessCentralCredentials
    tokens: AccessTokens

    def operations(self) -> list[Operation]:
        token = Operation(
            name="token", method="POST", path="/{tenant}/oauth2/v2.0/token", handler=self._token, protected=False
        )
        return [token, *self._reads(), *self._writes()]

    def _reads(self) -> list[Operation]:
        paths: dict[str, tuple[str, Handler]] = {
            "list_companies": (API + "/companies", self._list_companies),
            "find_customers": (COMPANY + "/customers", self._find_customers),
            "get_customer": (COMPANY + "/customers({customer})", self._get_customer),
            "find_invoices": (COMPANY + "/salesInvoices", self._find_invoices),
            "get_invoice": (INVOICE, self._get_invoice),
            "find_invoice_lines": (INVOICE + "/salesInvoiceLines", self._find_invoice_lines),
            "find_ledger_entries": (COMPANY + "/generalLedgerEntries", self._find_ledger_entries),
            "find_accounting_periods": (COMPANY + "/accountingPeriods", self._find_accounting_periods),
            "get_ledger_setup": (COMPANY + "/generalLedgerSetup", self._get_ledger_setup),
        }
        return [
            Operation(name=name, method="GET", path=path, handler=handler) for name, (path, handler) in paths.items()
        ]

    def _writes(self) -> list[Operation]:
        paths: dict[str, tuple[str, str, Handler]] = {
            "create_customer": ("POST", COMPANY + "/customers", self._create_customer),
            "create_invoice": ("POST", COMPANY + "/salesInvoices", self._create_invoice),
            "create_invoice_line": ("POST", INVOICE + "/salesInvoiceLines", self._create_invoice_line),
            "change_invoice": ("PATCH", INVOICE, self._change_invoice),
            "delete_invoice": ("DELETE", INVOICE, self._delete_invoice),
            "post_invoice": ("POST", INVOICE + "/Microsoft.NAV.post", self._post_invoice),
        }
        return [
            Operation(name=name, method=method, path=path, handler=handler, writes=True)
            for name, (method, path, handler) in paths.items()
        ]

    def _token(self, call: Call) -> Reply:
        return answer_token_request(call, credentials=self.credentials, tokens=self.tokens)

    def _list_companies(self, call: Call) -> Reply:
        setups = [books.setup for books in self.books.values()]
        rows = [
            {"@odata.etag": etag_of(0), "id": setup.company, "name": setup.name, "displayName": setup.name}
            for setup in setups
        ]
        return collection_reply(call, rows)

    def _find_customers(self, call: Call) -> Reply:
        return collection_reply(call, self._company(call).customers.values())

    def _get_customer(self, call: Call) -> Reply:
        return entity_reply(call, customers.customer_by_id(self._company(call), call.path["customer"]))

    def _create_customer(self, call: Call) -> Reply:
        return entity_reply(call, customers.create_customer(self._company(call), call.json_object()), status=201)

    def _find_invoices(self, call: Call) -> Reply:
        return collection_reply(call, self._company(call).invoices.values(), children=LINES)

    def _get_invoice(self, call: Call) -> Reply:
        return entity_reply(call, self._company(call).invoice(call.path["invoice"]), children=LINES)

    def _create_invoice(self, call: Call) -> Reply:
        extra_tax = ONE_CENT if call.fault is Fault.TAX_CENT_OFF else Decimal(0)
        invoice = invoices.create_draft(self._company(call), call.json_object(), extra_tax=extra_tax)
        return entity_reply(call, invoice, status=201, children=LINES)

    def _find_invoice_lines(self, call: Call) -> Reply:
        return collection_reply(call, self._company(call).invoice(call.path["invoice"])["_lines"])

    def _create_invoice_line(self, call: Call) -> Reply:
        books = self._company(call)
        line = invoices.add_line(books, books.invoice(call.path["invoice"]), call.json_object())
        return entity_reply(call, line, status=201)

    def _change_invoice(self, call: Call) -> Reply:
        books = self._company(call)
        invoice = books.invoice(call.path["invoice"])
        check_if_match(call, invoice)
        return entity_reply(call, invoices.change_draft(books, invoice, call.json_object()))

    def _delete_invoice(self, call: Call) -> Reply:
        books = self._company(call)
        invoice = books.invoice(call.path["invoice"])
        check_if_match(call, invoice)
        invoices.only_draft(invoice)
        del books.invoices[invoice["id"]]
        return Reply(status=204)

    def _post_invoice(self, call: Call) -> Reply:
        books = self._company(call)
        invoice = books.invoice(call.path["invoice"])
        posting.post(books, invoice, period_closed=call.fault is Fault.CLOSED_PERIOD)
        return Reply(status=204)

    def _find_ledger_entries(self, call: Call) -> Reply:
        return collection_reply(call, posting.ledger_rows(self._company(call)))

    def _find_accounting_periods(self, call: Call) -> Reply:
        return collection_reply(call, periods.accounting_periods(self._company(call)))

    def _get_ledger_setup(self, call: Call) -> Reply:
        return collection_reply(call, [periods.general_ledger_setup(self._company(call))])

    def _company(self, call: Call) -> CompanyBooks:
        books = self.books.get(call.path["company"].lower())
        if books is None:
            raise not_found(f"The company {call.path['company']}")
        return books
