"""ERP simulators: real HTTP servers on loopback with a general ledger and switchable, seeded faults.

They follow the published contracts of the systems and nothing of ours; docs/guides/erp-simulators.md says what is
followed, what is inferred and what was never compared with the real systems.

    simulator = BusinessCentralSimulator(  # of simulators.erp.business_central.simulator, as each ERP has its own
        companies=[CompanySetup(company="7f5e…", name="Acme GmbH", …)],
        credentials=BusinessCentralCredentials("client-id", "client-secret"),
        faults=FaultPlan(seed=7, lose_reply=0.05, late_commit=0.05),
        now=clock.now,
    )
    with serve(simulator.app) as root_url:
        simulator.base_url(root_url), simulator.token_url(root_url)   # what an adapter is configured with
        simulator.faults.script(Fault.LOSE_REPLY, operation="create_invoice")
    simulator.documents()               # every invoice and credit memo, drafts too
    simulator.ledger.to_beancount()     # the resulting general ledger

What all of them share is imported from here. `ledger` and `documents()` first process the late commits that are due at
`now()`; so does every call. The same is served without credentials at GET /_simulator/ledger, /_simulator/documents and
/_simulator/faults.
"""

from simulators.erp.company import AccountRole, CompanySetup
from simulators.erp.documents import SimulatedDocument
from simulators.erp.general_ledger import Entry, EntryLine, GeneralLedger, UnbalancedEntryError
from simulators.http.faults import NO_FAULTS, Fault, FaultInjector, FaultPlan
from simulators.http.server import serve

__all__ = [
    "NO_FAULTS",
    "AccountRole",
    "CompanySetup",
    "Entry",
    "EntryLine",
    "Fault",
    "FaultInjector",
    "FaultPlan",
    "GeneralLedger",
    "SimulatedDocument",
    "UnbalancedEntryError",
    "serve",
]
