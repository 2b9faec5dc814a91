"""The addresses of API v2.0 that this simulator serves, and what each does with the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from simulators.erp.business_central import customers, periods, posting, sales_documents
from simulators.erp.business_central.books import CompanyBooks
from simulators.erp.business_central.dialect import not_found
from simulators.erp.business_central.document_types import DOCUMENT_TYPES, DocumentType
from simulators.erp.business_central.odata import Entity, check_if_match, collection_reply, entity_reply, etag_of
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials, answer_token_request
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Handler, Operation, Reply
from simulators.http.faults import Fault

API = "/v2.0/{tenant}/{environment}/api/v2.0"
COMPANY = API + "/companies({company})"
ONE_CENT = Decimal("0.01")


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
            "find_ledger_entries": (COMPANY + "/generalLedgerEntries", self._find_ledger_entries),
            "find_accounting_periods": (COMPANY + "/accountingPeriods", self._find_accounting_periods),
            "get_ledger_setup": (COMPANY + "/generalLedgerSetup", self._get_ledger_setup),
        }
        for of in DOCUMENT_TYPES:
            paths |= {
                f"find_{of.kind}s": (COMPANY + f"/{of.collection}", partial(self._find_documents, of)),
                f"get_{of.kind}": (_one(of), partial(self._get_document, of)),
                f"find_{of.kind}_lines": (f"{_one(of)}/{of.lines}", partial(self._find_lines, of)),
            }
        return [
            Operation(name=name, method="GET", path=path, handler=handler) for name, (path, handler) in paths.items()
        ]

    def _writes(self) -> list[Operation]:
        paths: dict[str, tuple[str, str, Handler]] = {
            "create_customer": ("POST", COMPANY + "/customers", self._create_customer),
        }
        for of in DOCUMENT_TYPES:
            paths |= {
                f"create_{of.kind}": ("POST", COMPANY + f"/{of.collection}", partial(self._create_document, of)),
                f"create_{of.kind}_line": ("POST", f"{_one(of)}/{of.lines}", partial(self._create_line, of)),
                f"change_{of.kind}": ("PATCH", _one(of), partial(self._change_document, of)),
                f"delete_{of.kind}": ("DELETE", _one(of), partial(self._delete_document, of)),
                f"post_{of.kind}": ("POST", _one(of) + "/Microsoft.NAV.post", partial(self._post_document, of)),
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

    def _find_documents(self, of: DocumentType, call: Call) -> Reply:
        return collection_reply(call, self._company(call).documents(of).values(), children={of.lines: "_lines"})

    def _get_document(self, of: DocumentType, call: Call) -> Reply:
        return entity_reply(call, self._document(of, call), children={of.lines: "_lines"})

    def _create_document(self, of: DocumentType, call: Call) -> Reply:
        extra_tax = ONE_CENT if call.fault is Fault.TAX_CENT_OFF else Decimal(0)
        document = sales_documents.create_draft(self._company(call), of, call.json_object(), extra_tax=extra_tax)
        return entity_reply(call, document, status=201, children={of.lines: "_lines"})

    def _find_lines(self, of: DocumentType, call: Call) -> Reply:
        return collection_reply(call, self._document(of, call)["_lines"])

    def _create_line(self, of: DocumentType, call: Call) -> Reply:
        line = sales_documents.add_line(self._company(call), self._document(of, call), call.json_object())
        return entity_reply(call, line, status=201)

    def _change_document(self, of: DocumentType, call: Call) -> Reply:
        document = self._document(of, call)
        check_if_match(call, document)
        return entity_reply(call, sales_documents.change_draft(self._company(call), document, call.json_object()))

    def _delete_document(self, of: DocumentType, call: Call) -> Reply:
        document = self._document(of, call)
        check_if_match(call, document)
        sales_documents.only_draft(document)
        del self._company(call).documents(of)[document["id"]]
        return Reply(status=204)

    def _post_document(self, of: DocumentType, call: Call) -> Reply:
        posting.post(self._company(call), self._document(of, call), period_closed=call.fault is Fault.CLOSED_PERIOD)
        return Reply(status=204)

    def _find_ledger_entries(self, call: Call) -> Reply:
        return collection_reply(call, posting.ledger_rows(self._company(call)))

    def _find_accounting_periods(self, call: Call) -> Reply:
        return collection_reply(call, periods.accounting_periods(self._company(call)))

    def _get_ledger_setup(self, call: Call) -> Reply:
        return collection_reply(call, [periods.general_ledger_setup(self._company(call))])

    def _document(self, of: DocumentType, call: Call) -> Entity:
        return self._company(call).document(of, call.path["document"])

    def _company(self, call: Call) -> CompanyBooks:
        books = self.books.get(call.path["company"].lower())
        if books is None:
            raise not_found(f"The company {call.path['company']}")
        return books


def _one(of: DocumentType) -> str:
    return COMPANY + f"/{of.collection}({{document}})"
