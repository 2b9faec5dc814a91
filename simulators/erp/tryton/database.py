"""The records of one database: by model and id, each changed at the simulator's own time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from simulators.erp.company import CompanySetup
from simulators.erp.general_ledger import GeneralLedger
from simulators.erp.tryton.dialect import message

Record = dict[str, Any]

# What a field refers to. A list of ids is read like one id, record by record.
RELATIONS: Final = {
    ("company.company", "party"): "party.party",
    ("company.company", "currency"): "currency.currency",
    ("party.party", "addresses"): "party.address",
    ("party.party", "identifiers"): "party.identifier",
    ("party.address", "country"): "country.country",
    ("account.account", "company"): "company.company",
    ("account.period", "company"): "company.company",
    ("account.journal.period", "journal"): "account.journal",
    ("account.journal.period", "period"): "account.period",
    ("account.move", "company"): "company.company",
    ("account.move", "journal"): "account.journal",
    ("account.move", "period"): "account.period",
    ("account.move", "lines"): "account.move.line",
    ("account.move.line", "account"): "account.account",
    ("account.move.line", "party"): "party.party",
    ("account.move.line", "move"): "account.move",
    ("account.invoice", "company"): "company.company",
    ("account.invoice", "party"): "party.party",
    ("account.invoice", "currency"): "currency.currency",
    ("account.invoice", "journal"): "account.journal",
    ("account.invoice", "account"): "account.account",
    ("account.invoice", "lines"): "account.invoice.line",
    ("account.invoice", "taxes"): "account.invoice.tax",
    ("account.invoice", "move"): "account.move",
    ("account.invoice", "cancel_move"): "account.move",
    ("account.invoice", "lines_to_pay"): "account.move.line",
    ("account.invoice", "payment_lines"): "account.move.line",
    ("account.invoice", "reconciliation_lines"): "account.move.line",
}


@dataclass(slots=True)
class Database:
    """Everything there is. `computed` are the fields that are worked out when they are read, by model and name."""

    companies: dict[int, CompanySetup]
    ledger: GeneralLedger
    now: Callable[[], datetime]
    computed: dict[tuple[str, str], Callable[["Database", Record], Any]] = field(default_factory=dict)
    accepted_warnings: set[str] = field(default_factory=set)
    _tables: defaultdict[str, dict[int, Record]] = field(default_factory=lambda: defaultdict(dict))
    _numbers: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def today(self) -> date:
        return self.now().date()

    def add(self, model: str, **values: Any) -> Record:  # noqa: ANN401 - a record holds any values
        self._numbers[model] += 1
        record = {"id": self._numbers[model], "create_date": self.now(), "write_date": None, **values}
        self._tables[model][record["id"]] = record
        return record

    def table(self, model: str) -> dict[int, Record]:
        """Return all records of a model by their id, to be changed by whoever must."""
        return self._tables[model]

    def written(self, record: Record) -> None:
        record["write_date"] = self.now()

    def drop(self, model: str, record: Record) -> None:
        del self._tables[model][record["id"]]

    def all(self, model: str) -> Iterator[Record]:
        yield from self._tables[model].values()

    def get(self, model: str, record_id: object) -> Record | None:
        return self._tables[model].get(record_id) if isinstance(record_id, int) else None

    def each(self, model: str, ids: Iterable[int]) -> list[Record]:
        return [self._tables[model][one] for one in ids]

    def referred(self, model: str, sent: Record, name: str, *, field_of: tuple[str, str]) -> Record:
        """Return what a required field refers to; `field_of` is how Tryton calls the field and its model."""
        label, of_model = field_of
        if sent.get(name) is None:
            raise message(f'A value is required for field "{label}" in "{of_model}".')
        record = self.get(model, sent[name])
        if record is None:
            raise message(f'The value "{sent[name]}" for field "{label}" in "{of_model}" does not exist.')
        return record

    def next_number(self, sequence: str) -> str:
        self._numbers[sequence] += 1
        return f"{sequence}-{self._numbers[sequence]}"

    def value(self, model: str, record: Record, name: str) -> Any:  # noqa: ANN401 - a record holds any values
        """Return a field's value; raises KeyError for a field that there is none of."""
        compute = self.computed.get((model, name))
        return record[name] if compute is None else compute(self, record)
