"""The addresses of API v2.0 that this simulator serves, and what each does with the books."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from simulators.erp.business_central import customers, posting, sales_documents
from simulators.erp.business_central.batch import BatchApi
from simulators.erp.business_central.companies import API, COMPANY, Companies
from simulators.erp.business_central.dialect import BusinessCentralDialect
from simulators.erp.business_central.dimension_lines import COLLECTION
from simulators.erp.business_central.document_types import DOCUMENT_TYPES, INVOICE, DocumentType
from simulators.erp.business_central.journal_api import JournalApi
from simulators.erp.business_central.odata import Entity, check_if_match, collection_reply, entity_reply, etag_of
from simulators.erp.business_central.reference_api import ReferenceApi
from simulators.erp.business_central.token_endpoint import BusinessCentralCredentials, answer_token_request
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Handler, Operation, Reply
from simulators.http.faults import Fault

ONE_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCentralApi:
    """Handlers over the books of all companies."""

    companies: Companies
    dialect: BusinessCentralDialect
    credentials: BusinessCentralCredentials
    tokens: AccessTokens

    def operations(self) -> list[Operation]:
        token = Operation(
            name="token", method="POST", path="/{tenant}/oauth2/v2.0/token", handler=self._token, protected=False
        )
        records = [
            *self._reads(),
            *self._writes(),
            *JournalApi(self.companies).operations(),
            *ReferenceApi(self.companies).operations(),
        ]
        return [token, *records, BatchApi(self.companies, self.dialect, records).operation()]

    def _reads(self) -> list[Operation]:
        paths: dict[str, tuple[str, Handler]] = {
            "list_companies": (API + "/companies", self._list_companies),
            "find_customers": (COMPANY + "/customers", self._find_customers),
            "get_customer": (COMPANY + "/customers({customer})", self._get_customer),
        }
        for of in DOCUMENT_TYPES:
            paths |= {
                f"find_{of.kind}s": (COMPANY + f"/{of.collection}", partial(self._find_documents, of)),
                f"get_{of.kind}": (_one(of), partial(self._get_document, of)),
                f"find_{of.kind}_lines": (f"{_one(of)}/{of.lines}", partial(self._find_lines, of)),
                f"find_{of.kind}_dimensions": (
                    f"{_one(of)}/{of.lines}({{line}})/{COLLECTION}",
                    partial(self._find_dimensions, of),
                ),
            }
        return [
            Operation(name=name, method="GET", path=path, handler=handler) for name, (path, handler) in paths.items()
        ]

    def _writes(self) -> list[Operation]:
        paths: dict[str, tuple[str, str, Handler]] = {
            "create_customer": ("POST", COMPANY + "/customers", self._create_customer),
            "cancel_invoice": ("POST", _one(INVOICE) + "/Microsoft.NAV.cancel", self._cancel_invoice),
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
        setups = [books.setup for books in self.companies.books.values()]
        rows = [
            {"@odata.etag": etag_of(0), "id": setup.company, "name": setup.name, "displayName": setup.name}
            for setup in setups
        ]
        return collection_reply(call, rows)

    def _find_customers(self, call: Call) -> Reply:
        return collection_reply(call, self.companies.of(call).customers.values())

    def _get_customer(self, call: Call) -> Reply:
        return entity_reply(call, customers.customer_by_id(self.companies.of(call), call.path["customer"]))

    def _create_customer(self, call: Call) -> Reply:
        return entity_reply(call, customers.create_customer(self.companies.of(call), call.json_object()), status=201)

    def _find_documents(self, of: DocumentType, call: Call) -> Reply:
        books = self.companies.of(call)
        seen = [
            document
            for document in books.documents(of).values()
            if document["externalDocumentNumber"] not in books.uncommitted
        ]
        return collection_reply(call, seen, children={of.lines: "_lines"})

    def _get_document(self, of: DocumentType, call: Call) -> Reply:
        return entity_reply(call, self._document(of, call), children={of.lines: "_lines"})

    def _create_document(self, of: DocumentType, call: Call) -> Reply:
        extra_tax = ONE_CENT if call.fault is Fault.TAX_CENT_OFF else Decimal(0)
        document = sales_documents.create_draft(self.companies.of(call), of, call.json_object(), extra_tax=extra_tax)
        return entity_reply(call, document, status=201, children={of.lines: "_lines"})

    def _find_lines(self, of: DocumentType, call: Call) -> Reply:
        return collection_reply(call, self._document(of, call)["_lines"])

    def _find_dimensions(self, of: DocumentType, call: Call) -> Reply:
        lines = {line["id"]: line for line in self._document(of, call)["_lines"]}
        line = lines.get(call.path["line"].lower(), {"_dimensions": []})
        return collection_reply(call, line["_dimensions"])

    def _create_line(self, of: DocumentType, call: Call) -> Reply:
        line = sales_documents.add_line(self.companies.of(call), self._document(of, call), call.json_object())
        return entity_reply(call, line, status=201)

    def _change_document(self, of: DocumentType, call: Call) -> Reply:
        document = self._document(of, call)
        check_if_match(call, document)
        return entity_reply(call, sales_documents.change_draft(self.companies.of(call), document, call.json_object()))

    def _delete_document(self, of: DocumentType, call: Call) -> Reply:
        document = self._document(of, call)
        check_if_match(call, document)
        sales_documents.only_draft(document)
        del self.companies.of(call).documents(of)[document["id"]]
        return Reply(status=204)

    def _post_document(self, of: DocumentType, call: Call) -> Reply:
        posting.post(self.companies.of(call), self._document(of, call), period_closed=call.fault is Fault.CLOSED_PERIOD)
        return Reply(status=204)

    def _cancel_invoice(self, call: Call) -> Reply:
        books = self.companies.of(call)
        posting.cancel(books, self._document(INVOICE, call), day=books.now().date())
        return Reply(status=204)

    def _document(self, of: DocumentType, call: Call) -> Entity:
        return self.companies.of(call).document(of, call.path["document"])


def _one(of: DocumentType) -> str:
    return COMPANY + f"/{of.collection}({{document}})"
