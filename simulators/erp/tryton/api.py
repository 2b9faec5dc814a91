"""The addresses that this simulator serves, and what each does with the records."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulators.erp.tryton import invoices, moves, posting, receivables, values
from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import RpcDialect, forbidden, message, not_found
from simulators.erp.tryton.parties import create_party
from simulators.erp.tryton.reading import search, shown
from simulators.erp.tryton.rpc import RpcInterface
from simulators.http.exchange import Call, Handler, Operation, Refusal, Reply
from simulators.http.faults import Fault

DATABASE: Final = "erp"
REST: Final = "/{database}/rest/model/"
INVOICE, MOVE, PARTY = "account.invoice", "account.move", "party.party"
# What can be done with a model: the operation's name, the method and what follows the model in the address.
ROUTES: Final = {
    "create_customer": ("POST", PARTY, ""),
    "find_customers": ("GET", PARTY, ""),
    "create_invoice": ("POST", INVOICE, ""),
    "find_invoices": ("GET", INVOICE, ""),
    "get_invoice": ("GET", INVOICE, "/{record:int}"),
    "change_invoice": ("PUT", INVOICE, "/{record:int}"),
    "delete_invoice": ("DELETE", INVOICE, "/{record:int}"),
    "post_invoice": ("POST", INVOICE, "/{record:int}/post"),
    "create_journal": ("POST", MOVE, ""),
    "find_journals": ("GET", MOVE, ""),
    "get_journal": ("GET", MOVE, "/{record:int}"),
    "delete_journal": ("DELETE", MOVE, "/{record:int}"),
    "post_journal": ("POST", MOVE, "/{record:int}/post"),
    "find_records": ("GET", "{model}", ""),
}
RPC_PATH: Final = "/{database}/rpc/"


def routed(handlers: Callable[[str], Handler], *, rpc: Handler) -> list[Operation]:
    """Return all operations; `handlers` gives that of a name."""
    rest = [
        Operation(
            name=name,
            method=method,
            path=REST + model + further,
            handler=handlers(name),
            writes=method != "GET",
        )
        for name, (method, model, further) in ROUTES.items()
    ]
    session = Operation(name="rpc", method="POST", path=RPC_PATH, handler=rpc, protected=False, dialect=RpcDialect())
    return [*rest, session]


@dataclass(frozen=True, slots=True)
class TrytonApi:
    """Handlers over the database."""

    database: Database
    rpc: RpcInterface

    def operations(self) -> list[Operation]:
        return routed(self._handler, rpc=self._of_this(self.rpc.answer))

    def _handler(self, name: str) -> Handler:
        verb, _, _ = name.partition("_")
        _, model, _ = ROUTES[name]
        handlers: dict[str, Callable[[str, Call], Reply]] = {
            "find": self._find,
            "get": self._get,
            "create": self._create,
            "change": self._change,
            "delete": self._delete,
            "post": self._post,
        }
        return self._of_this(partial(handlers[verb], model))

    def _of_this(self, handler: Handler) -> Handler:
        def checked(call: Call) -> Reply:
            if call.path["database"] != DATABASE:
                raise not_found()
            return handler(call)

        return checked

    def _find(self, model: str, call: Call) -> Reply:
        model = call.path.get("model", model)
        domain = values.from_url(call.query["d"]) if "d" in call.query else []
        order = values.from_url(call.query["o"]) if "o" in call.query else []
        limit = int(call.query["s"]) if "s" in call.query else None
        found = search(self.database, model, domain, order=order, limit=limit)
        return _reply([self._shown(model, record, call) for record in found])

    def _get(self, model: str, call: Call) -> Reply:
        return _reply(self._shown(model, self._record(model, call), call))

    def _create(self, model: str, call: Call) -> Reply:
        create = {INVOICE: invoices.create_invoice, MOVE: moves.create_move, PARTY: create_party}[model]
        return _reply(self._shown(model, create(self.database, _body(call)), call))

    def _change(self, model: str, call: Call) -> Reply:
        record, sent = self._record(model, call), _body(call)
        if set(sent) != {"payment_lines"}:
            raise Refusal(501, "", "This simulator changes an invoice's payment lines only.")
        receivables.add_payment_lines(self.database, record, moves.added(sent["payment_lines"]))
        return _reply(self._shown(model, record, call))

    def _delete(self, model: str, call: Call) -> Reply:
        record = self._record(model, call)
        if model == INVOICE:
            invoices.only_draft(record)
        elif record["state"] == "posted":
            raise message(f'You cannot modify posted move "{record["number"]}".')
        self.database.drop(model, record)
        return Reply(status=204)

    def _post(self, model: str, call: Call) -> Reply:
        record = self._record(model, call)
        if call.fault is Fault.CLOSED_PERIOD:
            raise message('To continue, you must reopen the period "0000-00" of company "" for the date "".')
        if model == INVOICE:
            posting.post_invoice(self.database, record)
        elif record["origin"] is None:
            currency = moves.local_currency(self.database, record["company"])
            reference = record["description"]
            moves.post_move(self.database, record, reference=reference, customer="", kind="Journal", currency=currency)
        else:
            raise forbidden()
        return _reply(self._shown(model, record, call))

    def _record(self, model: str, call: Call) -> Record:
        record = self.database.get(model, int(call.path["record"]))
        if record is None:
            raise not_found()
        return record

    def _shown(self, model: str, record: Record, call: Call) -> Record:
        return shown(self.database, model, record, [value for name, value in call.repeated if name == "f"])


def _body(call: Call) -> Record:
    sent = values.loads(call.body)
    if not isinstance(sent, dict):
        raise Refusal(400, "", "Not a JSON object")
    return sent


def _reply(value: object) -> Reply:
    return Reply(status=200, body=values.dumps(value))
