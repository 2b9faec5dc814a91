"""Which calls exist, which faults they can suffer, and how often they did: made by machine, so none is forgotten."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

from functions.aggregate_usage import use_case as aggregation
from functions.apply_usage_corrections import archive_search
from functions.apply_usage_corrections import use_case as correcting
from functions.archive_usage import use_case as archiving
from functions.close_usage_windows import use_case as closing
from functions.detect_late_usage import use_case as detection
from functions.enrich_usage import use_case as enrichment
from functions.ingest_usage import use_case as ingestion
from functions.open_exception import use_case as opening
from functions.release_parked_usage import use_case as releasing
from functions.replay_usage import use_case as replaying
from functions.verify_usage_archive import use_case as verification
from shared.adapters import ledger_audit, usage_standing
from shared.contracts.usage_event import published_reader
from shared.domain.usage import known_accounts
from tests.fakes import plain_recount
from tests.simulation.metering import stages
from tests.simulation.metering.faults import FaultKind, ScriptedFaults
from tests.simulation.metering.injection import Injected, is_applicable
from tests.simulation.metering.world import Habits, World

# Where a stage's calls are written. A stage that is added must be added here: the test that counts calls says so.
SOURCES: dict[str, tuple[ModuleType, ...]] = {
    "ingest": (ingestion, published_reader),
    "archive": (archiving,),
    "enrich": (enrichment,),
    "aggregate": (aggregation,),
    "open_exception": (opening,),
    "release": (releasing,),
    "close": (closing,),
    "detect": (detection,),
    "replay": (replaying, usage_standing, published_reader),
    "correct": (correcting, archive_search, known_accounts, published_reader),
    "verify": (verification, ledger_audit, known_accounts, plain_recount, published_reader),
}
# Ports that real adapters stand between: what is watched is the one call of their client.
_CLIENT_CALLS = {
    "accepted_usage": "put_records",
    "billable_usage": "put_records",
    "reporter": "send_message",
    "releases": "send_message",
}
# Names that mean a field or a method of something else there.
NOT_CALLED = frozenset(
    {
        "correct.archive.partition",
        "correct.master_data.account",
        "correct.master_data.accounts",
        "correct.master_data.published",
        "enrich.master_data.account",
        "enrich.parked.parked",
        "release.master_data.account",
        "replay.corrections.mark",
        "replay.corrections.standing",
        "replay.exceptions.find",
        "replay.exceptions.records",
        "replay.master_data.published",
        "replay.parked.counts",
        "verify.archive.partition",
        "verify.master_data.published",
        "verify.parked.counts",
        "verify.parked.parked",
    }
)


def call_sites() -> set[str]:
    """Return every call that a stage can make to a port, found in its source."""
    world = World(0, faults=ScriptedFaults(), habits=Habits())
    return {site for stage in SOURCES for site in _sites_of(world, stage)}


def cells() -> set[tuple[str, FaultKind]]:
    return {(site, kind) for site in call_sites() for kind in FaultKind if is_applicable(kind, site)}


def as_table(hits: Counter[tuple[str, FaultKind]]) -> str:
    """Write the coverage matrix: a row for each call, a column for each kind of fault; "-" cannot be."""
    sites = sorted(call_sites() | {site for site, _ in hits})
    width = max(map(len, sites))
    lines = [" ".join([" " * width, *[f"{kind:>20}" for kind in FaultKind]])]
    for site in sites:
        counts = [str(hits[site, kind]) if is_applicable(kind, site) else "-" for kind in FaultKind]
        lines.append(" ".join([site.ljust(width), *[f"{count:>20}" for count in counts]]))
    return "\n".join(lines)


def _sites_of(world: World, stage: str) -> Iterator[str]:
    build = next(one.build for one in stages.ALL_STAGES if one.name == stage)
    ports = world.tenants[0].new_ports(stage)
    source = inspect.getsource(build) + "".join(inspect.getsource(module) for module in SOURCES[stage])
    for name in sorted(set(re.findall(r"ports\.(\w+)", inspect.getsource(build)))):
        port = getattr(ports, name)
        methods = [_CLIENT_CALLS[name]] if name in _CLIENT_CALLS else _methods(port, source)
        yield from (f"{stage}.{name}.{method}" for method in methods if f"{stage}.{name}.{method}" not in NOT_CALLED)


def _methods(port: object, source: str) -> list[str]:
    if not isinstance(port, Injected):
        return []
    public = [name for name in dir(port.watched) if not name.startswith("_") and callable(getattr(port.watched, name))]
    return [name for name in public if re.search(rf"\.{name}\b", source)]
