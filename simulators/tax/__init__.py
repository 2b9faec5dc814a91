"""Tax engine simulators: real HTTP servers on loopback, with rates by place and day and switchable, seeded faults.

They follow what Avalara publishes with its SDKs and Anrok's published OpenAPI document, and nothing of ours;
docs/guides/tax.md says what is followed and what is inferred. Neither was ever compared with the real service.

    simulator = AvaTaxSimulator(
        company="NIMBUS",
        credentials=AvaTaxCredentials("1100", "license"),
        rates=[PlaceRate("DE", "19 % VAT", Decimal("0.19"))],
        now=clock.now,
    )
    with serve(simulator.app) as root_url:       # root_url is what an adapter is configured with
        simulator.faults.script(Fault.LOSE_REPLY, operation="create_or_adjust")
    simulator.documents()                        # what is recorded, voided ones too
    simulator.freeze("JBSWY3DPEHPK3PXP")         # as if it was on a filed return

An AnrokSimulator takes an api_key and the product ids that are set up there. The same is served without credentials
at GET /_simulator/documents and /_simulator/faults.
"""

from simulators.http.faults import NO_FAULTS, Fault, FaultPlan
from simulators.http.server import serve
from simulators.tax.anrok.simulator import AnrokSimulator
from simulators.tax.avatax.simulator import AvaTaxCredentials, AvaTaxSimulator
from simulators.tax.documents import RecordedDocument
from simulators.tax.places import PlaceRate

__all__ = [
    "NO_FAULTS",
    "AnrokSimulator",
    "AvaTaxCredentials",
    "AvaTaxSimulator",
    "Fault",
    "FaultPlan",
    "PlaceRate",
    "RecordedDocument",
    "serve",
]
