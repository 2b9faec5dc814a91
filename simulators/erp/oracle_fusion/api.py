"""The addresses of version 11.13.18.05 that this simulator serves, and what each does with the books."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from simulators.erp.oracle_fusion import customers, erp_integrations, periods, transactions
from simulators.erp.oracle_fusion.accounts import values_of_set
from simulators.erp.oracle_fusion.books import Environment, UnitBooks
from simulators.erp.oracle_fusion.dialect import (
    bad_request,
    maintenance,
    not_found,
    plain_text_error,
    receivables_error,
)
from simulators.erp.oracle_fusion.query import CHILD_ATTRIBUTE, Entity, collection_reply, entity_reply, parse_finder
from simulators.erp.oracle_fusion.reference_lists import LISTS
from simulators.erp.oracle_fusion.token_endpoint import OracleFusionCredentials, answer_token_request
from simulators.erp.oracle_fusion.transaction_classes import CLASSES, TransactionClass
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Handler, Operation, Reply
from simulators.http.faults import Fault

FSCM = "/fscmRestApi/resources/{version}"
CRM = "/crmRestApi/resources/{version}"
ONE = "/{transaction}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleFusionApi:
    """Handlers over the books of one environment."""

    environment: Environment
    credentials: OracleFusionCredentials
    tokens: AccessTokens

    def operations(self) -> list[Operation]:
        token = Operation(name="token", method="POST", path="/oauth2/v1/token", handler=self._token, protected=False)
        return [token, *self._reads(), *self._writes()]

    def _reads(self) -> list[Operation]:
        paths: dict[str, tuple[str, Handler]] = {
            "find_customers": (FSCM + "/receivablesCustomerAccountSiteActivities", self._find_customers),
            "find_periods": (FSCM + "/accountingPeriodStatusLOV", self._listed(periods.period_rows)),
            "find_ledgers": (FSCM + "/ledgersLOV", self._listed(_ledger_rows)),
            "find_receipts": (FSCM + "/standardReceipts", self._listed(lambda books: books.receipts.values())),
            "find_batches": (FSCM + "/journalBatches", self._listed(lambda books: books.batches.values())),
            "get_batch": (FSCM + "/journalBatches/{batch}", self._get_batch),
            "find_jobs": (FSCM + "/erpintegrations", self._find_jobs),
        }
        for of in CLASSES:
            paths[f"find_{of.kind}s"] = (FSCM + f"/{of.collection}", self._listed(partial(_of_class, of)))
            paths[f"get_{of.kind}"] = (FSCM + f"/{of.collection}{ONE}", partial(self._get, of))
        for name, rows in LISTS.items():
            paths[f"find_{name}"] = (FSCM + f"/{name}", self._listed(rows))
        paths["find_valueSets"] = (FSCM + "/valueSets/{value_set}/child/values", self._find_values)
        return [
            Operation(name=name, method="GET", path=path, handler=_guarded(handler))
            for name, (path, handler) in paths.items()
        ]

    def _writes(self) -> list[Operation]:
        paths: dict[str, tuple[str, str, Handler]] = {
            "create_customer": ("POST", CRM + "/hubOrganizations", self._create_customer),
            "import_bulk_data": ("POST", FSCM + "/erpintegrations", self._import_bulk_data),
        }
        for of in CLASSES:
            paths |= {
                f"create_{of.kind}": ("POST", FSCM + f"/{of.collection}", partial(self._create, of)),
                f"complete_{of.kind}": ("PATCH", FSCM + f"/{of.collection}{ONE}", partial(self._change, of)),
                f"delete_{of.kind}": ("DELETE", FSCM + f"/{of.collection}{ONE}", partial(self._delete, of)),
            }
        return [
            Operation(name=name, method=method, path=path, handler=_guarded(handler), writes=True)
            for name, (method, path, handler) in paths.items()
        ]

    def _token(self, call: Call) -> Reply:
        return answer_token_request(call, credentials=self.credentials, tokens=self.tokens)

    def _listed(self, rows: Callable[[UnitBooks], Iterable[Entity]]) -> Handler:
        """Return a handler that lists what the user may see of every business unit."""

        def answer(call: Call) -> Reply:
            visible = self._visible()
            if CHILD_ATTRIBUTE.search(call.query.get("q", "")) and not all(
                one.options.filters_by_children for one in visible
            ):
                raise bad_request("URL request parameter q is not valid.")
            return collection_reply(call, [row for books in visible for row in rows(books)])

        return answer

    def _find_values(self, call: Call) -> Reply:
        return self._listed(lambda books: values_of_set(books, call.path["value_set"]))(call)

    def _find_customers(self, call: Call) -> Reply:
        name, variables = parse_finder(call)
        if name != customers.FINDER:
            raise bad_request(f"The finder {name} does not exist.")
        return collection_reply(
            call, [row for books in self._visible() for row in customers.found_by(books, variables)]
        )

    def _create_customer(self, call: Call) -> Reply:
        sent = call.json_object()
        return entity_reply(call, customers.create_customer(self._unit(sent.get("BusinessUnit")), sent), status=201)

    def _get(self, of: TransactionClass, call: Call) -> Reply:
        return entity_reply(call, self._transaction(of, call)[1])

    def _create(self, of: TransactionClass, call: Call) -> Reply:
        sent = call.json_object()
        document = transactions.create(self._unit(sent.get("BusinessUnit")), of, sent, fault=call.fault)
        return entity_reply(call, document, status=201, with_children=True)

    def _change(self, of: TransactionClass, call: Call) -> Reply:
        books, document = self._transaction(of, call)
        return entity_reply(call, transactions.change(books, document, call.json_object(), fault=call.fault))

    def _delete(self, of: TransactionClass, call: Call) -> Reply:
        transactions.delete(*self._transaction(of, call))
        return Reply(status=204)

    def _import_bulk_data(self, call: Call) -> Reply:
        return entity_reply(call, erp_integrations.import_bulk_data(self.environment, call), status=201)

    def _find_jobs(self, call: Call) -> Reply:
        return collection_reply(call, erp_integrations.found(self.environment, call))

    def _get_batch(self, call: Call) -> Reply:
        wanted = call.path["batch"]
        for books in self._visible():
            for batch_id, batch in books.batches.items():
                if str(batch_id) == wanted:
                    return entity_reply(call, batch)
        raise not_found(f"The batch {wanted}")

    def _transaction(self, of: TransactionClass, call: Call) -> tuple[UnitBooks, Entity]:
        wanted = call.path["transaction"]
        for books in self._visible():
            if wanted.isdecimal() and int(wanted) in books.transactions:
                return books, transactions.transaction(books, of, wanted)
        raise not_found(f"The {of.noun} {wanted}")

    def _visible(self) -> list[UnitBooks]:
        return [books for books in self.environment.units.values() if books.granted]

    def _unit(self, name: object) -> UnitBooks:
        for books in self._visible():
            if books.setup.company == name:
                return books
        raise receivables_error("AR_BU_NOT_FOUND", f"The business unit {name} is not valid.", path="/BusinessUnit")


def _guarded(handler: Handler) -> Handler:
    """Return a handler that first meets what happens before the application is reached."""

    def answer(call: Call) -> Reply:
        match call.fault:
            case Fault.MAINTENANCE:
                return maintenance()
            case Fault.PLAIN_TEXT_ERROR:
                return plain_text_error()
            case _:
                return handler(call)

    return answer


def _of_class(of: TransactionClass, books: UnitBooks) -> list[Entity]:
    return [document for document in books.transactions.values() if document["_class"] is of]


def _ledger_rows(books: UnitBooks) -> list[Entity]:
    return [{"LedgerId": books.ledger_id, "Name": books.setup.name, "CurrencyCode": books.setup.local_currency}]
