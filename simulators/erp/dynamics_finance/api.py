"""The addresses that this simulator serves, and what each does with the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from simulators.erp.dynamics_finance import batch
from simulators.erp.dynamics_finance.books import CompanyBooks, Environment
from simulators.erp.dynamics_finance.dialect import bad_request, not_found
from simulators.erp.dynamics_finance.entity_sets import ENTITY_SETS, EntitySet
from simulators.erp.dynamics_finance.odata import (
    check_if_match,
    collection_reply,
    crosses_companies,
    row_of_key,
    shown,
)
from simulators.erp.dynamics_finance.token_endpoint import DynamicsFinanceCredentials, answer_token_request
from simulators.erp.dynamics_finance.values import Row
from simulators.erp.tokens import AccessTokens
from simulators.http.exchange import Call, Handler, Operation, Reply, json_reply
from simulators.http.faults import Fault

DATA = "/data"


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicsFinanceApi:
    """Handlers over the books by company in lower case; the first company is the user's default one."""

    environment: Environment
    companies: Mapping[str, CompanyBooks]
    credentials: DynamicsFinanceCredentials
    tokens: AccessTokens
    page_size: int

    def operations(self) -> list[Operation]:
        token = Operation(
            name="token", method="POST", path="/{tenant}/oauth2/v2.0/token", handler=self._token, protected=False
        )
        changes = Operation(name="batch", method="POST", path=f"{DATA}/$batch", handler=self._batch, writes=True)
        return [token, changes, *(one for of in ENTITY_SETS.values() for one in self._operations(of))]

    def _operations(self, of: EntitySet) -> list[Operation]:
        path, one = f"{DATA}/{of.name}", f"{DATA}/{of.name}({{key:path}})"
        offered: list[tuple[str, str, str, Handler, bool]] = [
            (f"find_{of.noun}s", "GET", path, partial(self._find, of), False),
            (f"get_{of.noun}", "GET", one, partial(self._get, of), False),
        ]
        if of.create is not None:
            offered.append((f"create_{of.noun}", "POST", path, partial(self._create, of), True))
        if of.delete is not None:
            offered.append((f"delete_{of.noun}", "DELETE", one, partial(self._delete, of), True))
        return [
            Operation(name=name, method=method, path=address, handler=handler, writes=writes)
            for name, method, address, handler, writes in offered
        ]

    def _token(self, call: Call) -> Reply:
        return answer_token_request(call, credentials=self.credentials, tokens=self.tokens)

    def _find(self, of: EntitySet, call: Call) -> Reply:
        return collection_reply(call, self._rows(of, call), page_size=self.page_size)

    def _get(self, of: EntitySet, call: Call) -> Reply:
        row = row_of_key(self._rows(of, call), call.path["key"], keys=of.keys)
        return json_reply(200, {"@odata.context": f"{call.address}#entity", **shown(row)})

    def _create(self, of: EntitySet, call: Call) -> Reply:
        row = self._created(of, call.json_object(), call.fault)
        return json_reply(201, {"@odata.context": f"{call.address}#entity", **shown(row)})

    def _delete(self, of: EntitySet, call: Call) -> Reply:
        row = row_of_key(self._rows(of, call), call.path["key"], keys=of.keys)
        check_if_match(call, row)
        if of.delete is not None:
            of.delete(self.companies[row["dataAreaId"]], row)
        return Reply(status=204)

    def _batch(self, call: Call) -> Reply:
        def write(operation: batch.Operation) -> Row:
            of = ENTITY_SETS.get(operation.entity_set)
            if of is None:
                raise not_found(operation.entity_set)
            return self._created(of, operation.sent, call.fault)

        operations = batch.operations_of(call)
        return batch.batch_reply(operations, self.environment, write)

    def _created(self, of: EntitySet, sent: Row, fault: Fault | None) -> Row:
        if of.create is None:
            raise bad_request(f"{of.name} takes no new rows here.")
        company = str(sent.get("dataAreaId") or self._default.company).lower()
        if company not in self.companies:
            raise bad_request(f"The company {company} does not exist.")
        return of.create(self.companies[company], sent, fault)

    def _rows(self, of: EntitySet, call: Call) -> Sequence[Row]:
        """Return the rows that the caller may see: those of the default company, unless the call crosses companies."""
        companies = list(self.companies.values())
        if of.shared_rows is not None:
            return of.shared_rows(companies)
        if of.rows is None:
            return []
        seen = companies if crosses_companies(call) else [self._default]
        return [row for books in seen for row in of.rows(books)]

    @property
    def _default(self) -> CompanyBooks:
        return next(iter(self.companies.values()))
