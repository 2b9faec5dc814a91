"""Starts a simulated ERP by the name of its system, whichever it is, and says how to reach it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Protocol, cast

from simulators.erp.company import CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import GeneralLedger
from simulators.http.faults import NO_FAULTS, FaultInjector, FaultPlan


class ErpSimulator(Protocol):
    """What every simulated ERP shows."""

    @property
    def faults(self) -> FaultInjector: ...

    @property
    def ledger(self) -> GeneralLedger:
        """The general ledger, after the late commits that are due at `now`; the same goes for `documents`."""

    def documents(self) -> tuple[SimulatedDocument, ...]:
        """Return every document, drafts too."""

    def pay(self, external_ref: str, amount: Decimal, on: date) -> None:
        """Let a customer pay an invoice, or a part of it."""

    def set_posting_window(self, company: str, *, posting_from: date | None, posting_to: date | None) -> None:
        """Close what is before and after a window; both days are inclusive, None is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSetup:
    """An ERP to be started. `now` is its only clock; `public_key_pem` checks the signatures of those who sign in."""

    companies: Sequence[CompanySetup]
    now: Callable[[], datetime]
    public_key_pem: str
    faults: FaultPlan = NO_FAULTS


@dataclass(frozen=True, slots=True)
class RunningErp:
    """A started ERP, with what the secret of a connection to it must say, and `root`, under which it shows itself."""

    simulator: ErpSimulator
    secret: Mapping[str, str] = field(repr=False)
    root: str


class _Launcher(Protocol):
    """The module `launch` of each simulator's package."""

    def launch(self, setup: ErpSetup) -> AbstractContextManager[RunningErp]: ...


@contextmanager
def launched(system: str, setup: ErpSetup) -> Iterator[RunningErp]:
    """Yield the running ERP and stop it at exit; raises ModuleNotFoundError for a system without a simulator."""
    module = import_module(f"simulators.erp.{system}.launch")
    with cast("_Launcher", module).launch(setup) as running:
        yield running
