"""Short and calm scenarios of what repairs usage: voids, amendments and replays."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from shared.domain.replay.request import ReplayFilter
from tests.simulation.metering.master_data import LATE_CONTRACT
from tests.simulation.metering.producers import malformed, record_of
from tests.simulation.metering.road_scenarios import CLOSE, CORRECT, usage, void, wait
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.world import World


def voiding(world: World, tenant: Tenant) -> None:
    """Take back a part of a sum and the greatest of three, repeat what was taken back, and go on behind the seal."""
    peaks = [replace(usage(f"p{n}", meter="peak"), quantity=str(n)) for n in range(3)]
    tenant.send(record_of(usage("a"), usage("b"), *peaks))
    tenant.send(record_of(void(usage("a")), void(peaks[2])))
    world.settle()
    world.fire(tenant, CORRECT)
    tenant.send(record_of(usage("a"), void(usage("a"), by="another void of a")))
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.issue_invoices()
    tenant.send(record_of(void(usage("b")), void(peaks[1])))
    world.settle()
    world.fire(tenant, CORRECT)
    world.settle()


def amending(world: World, tenant: Tenant) -> None:
    """Amend before the original came, amend what amended, name something wrong, and let two amend one event."""
    first = replace(usage("a2"), quantity="1", amends=usage("a").place)
    tenant.send(record_of(first, usage("b"), void(usage("b", minutes=6), by="names another time")))
    world.settle()
    world.fire(tenant, CORRECT)
    tenant.send(
        record_of(usage("a"), replace(usage("a3"), amends=first.place), replace(usage("a4"), amends=first.place))
    )
    world.settle()
    world.fire(tenant, CORRECT)
    world.settle()


def voiding_what_never_came(world: World, tenant: Tenant) -> None:
    """Void what is too old to come any more, tell so when a day is over, and forget its bucket."""
    tenant.send(record_of(void(usage("a", minutes=-36 * 24 * 60))))
    world.settle()
    for hours in (1, 30, 200 * 24):
        world.fire(tenant, CORRECT)
        wait(world, hours)
    world.fire(tenant, CORRECT)
    world.settle()


def voiding_ahead_of_the_archive(world: World, tenant: Tenant) -> None:
    """Void while the archive lags for days: it is told, and done when the archive has caught up."""
    tenant.send(record_of(usage("a"), void(usage("a"))))
    for mapping in tenant.mappings:
        if mapping.stage != "archive":
            for shard_id in mapping.ready():
                world.deliver_batch(tenant, mapping, shard_id)
    world.fire(tenant, CORRECT)
    wait(world, 50)
    world.fire(tenant, CORRECT)
    world.settle()
    wait(world, 7)
    world.fire(tenant, CORRECT)
    world.settle()


def judging_again(world: World, tenant: Tenant) -> None:
    """Replay what was refused before its contract was published: tried first, then by its reason, then all of it."""
    probes = [replace(usage(f"p{n}"), contract=LATE_CONTRACT) for n in range(3)]
    tenant.send(record_of(*probes[:2]))
    tenant.send(record_of(replace(usage("p3"), contract=LATE_CONTRACT, amends=probes[0].place)))
    tenant.send(record_of(replace(usage("too old", minutes=-36 * 24 * 60), contract=LATE_CONTRACT)))
    tenant.send(malformed())
    world.settle()
    tenant.publish(1)
    world.pass_time(timedelta(minutes=1))
    tenant.send(record_of(probes[2], probes[1], usage("parked", subject="nobody")))
    world.settle()
    tenant.ask_replay(ReplayFilter(customer=CustomerId("acme")), dry_run=True)
    tenant.ask_replay(ReplayFilter(reason=ExceptionCode.UNKNOWN_CONTRACT_VERSION))
    tenant.ask_replay()
    world.settle()


def one_void(world: World, tenant: Tenant) -> None:
    """Count an event, and take it back."""
    tenant.send(record_of(usage("a"), void(usage("a"))))
    world.settle()
    world.fire(tenant, CORRECT)


def one_replay(world: World, tenant: Tenant) -> None:
    """Refuse an event, and replay it."""
    tenant.send(record_of(replace(usage("a"), contract=LATE_CONTRACT)))
    world.settle()
    tenant.publish(1)
    world.pass_time(timedelta(minutes=1))
    tenant.ask_replay()
    world.settle()
