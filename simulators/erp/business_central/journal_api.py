"""The addresses of journals, of payment journals, and of their lines."""

from dataclasses import dataclass
from functools import partial

from simulators.erp.business_central import journal_posting, journals
from simulators.erp.business_central.companies import COMPANY, Companies
from simulators.erp.business_central.dimension_lines import COLLECTION, add_dimension_line
from simulators.erp.business_central.odata import Entity, check_if_match, collection_reply, entity_reply
from simulators.http.exchange import Call, Handler, Operation, Reply
from simulators.http.faults import Fault

JOURNALS = COMPANY + "/journals"
ONE = COMPANY + "/journals({journal})"
LINES = ONE + "/journalLines"
LINE = ONE + "/journalLines({line})"
PAYMENT_JOURNALS = COMPANY + "/customerPaymentJournals"
PAYMENTS = COMPANY + "/customerPaymentJournals({journal})/customerPayments"


@dataclass(frozen=True, slots=True)
class JournalApi:
    companies: Companies

    def operations(self) -> list[Operation]:
        reads: dict[str, tuple[str, Handler]] = {
            "find_journals": (JOURNALS, partial(self._find, of_payments=False)),
            "get_journal": (ONE, self._get),
            "find_journal_lines": (LINES, self._find_lines),
            "find_journal_dimensions": (f"{LINE}/{COLLECTION}", self._find_dimensions),
            "find_payment_journals": (PAYMENT_JOURNALS, partial(self._find, of_payments=True)),
            "find_payments": (PAYMENTS, self._find_lines),
        }
        writes: dict[str, tuple[str, str, Handler]] = {
            "create_journal": ("POST", JOURNALS, partial(self._create, of_payments=False)),
            "delete_journal": ("DELETE", ONE, self._delete),
            "create_journal_line": ("POST", LINES, self._create_line),
            "delete_journal_line": ("DELETE", LINE, self._delete_line),
            "create_journal_dimension": ("POST", f"{LINE}/{COLLECTION}", self._create_dimension),
            "post_journal": ("POST", f"{ONE}/Microsoft.NAV.post", self._post),
            "create_payment_journal": ("POST", PAYMENT_JOURNALS, partial(self._create, of_payments=True)),
            "create_payment": ("POST", PAYMENTS, self._create_payment),
        }
        return [
            *(Operation(name=n, method="GET", path=path, handler=handler) for n, (path, handler) in reads.items()),
            *(
                Operation(name=name, method=method, path=path, handler=handler, writes=True)
                for name, (method, path, handler) in writes.items()
            ),
        ]

    def _find(self, call: Call, *, of_payments: bool) -> Reply:
        batches = self.companies.of(call).journals.values()
        of_kind = [journal for journal in batches if journal["_of_payments"] is of_payments]
        return collection_reply(call, of_kind, children={"journalLines": "_lines"})

    def _get(self, call: Call) -> Reply:
        return entity_reply(call, self._journal(call), children={"journalLines": "_lines"})

    def _create(self, call: Call, *, of_payments: bool) -> Reply:
        books = self.companies.of(call)
        journal = journals.create_journal(books, call.json_object(), of_payments=of_payments)
        return entity_reply(call, journal, status=201)

    def _delete(self, call: Call) -> Reply:
        journal = self._journal(call)
        check_if_match(call, journal)
        del self.companies.of(call).journals[journal["id"]]
        return Reply(status=204)

    def _find_lines(self, call: Call) -> Reply:
        return collection_reply(call, self._journal(call)["_lines"], children={COLLECTION: "_dimensions"})

    def _create_line(self, call: Call) -> Reply:
        line = journals.add_journal_line(self.companies.of(call), self._journal(call), call.json_object())
        return entity_reply(call, line, status=201)

    def _delete_line(self, call: Call) -> Reply:
        line = self._line(call)
        check_if_match(call, line)
        self._journal(call)["_lines"].remove(line)
        return Reply(status=204)

    def _find_dimensions(self, call: Call) -> Reply:
        return collection_reply(call, self._line(call)["_dimensions"])

    def _create_dimension(self, call: Call) -> Reply:
        added = add_dimension_line(self.companies.of(call), self._line(call), call.json_object())
        return entity_reply(call, added, status=201)

    def _create_payment(self, call: Call) -> Reply:
        line = journals.add_customer_payment(self.companies.of(call), self._journal(call), call.json_object())
        return entity_reply(call, line, status=201)

    def _post(self, call: Call) -> Reply:
        closed = call.fault is Fault.CLOSED_PERIOD
        journal_posting.post_journal(self.companies.of(call), self._journal(call), period_closed=closed)
        return Reply(status=204)

    def _journal(self, call: Call) -> Entity:
        return self.companies.of(call).journal(call.path["journal"])

    def _line(self, call: Call) -> Entity:
        return journals.line_of(self._journal(call), call.path["line"])
