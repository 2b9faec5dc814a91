"""Short and calm scenarios of usage on its road: counting, sealing, parking, releasing, checking."""

from dataclasses import replace
from datetime import timedelta

from shared.domain.exception_record import ExceptionCode
from shared.domain.identifiers import CustomerId
from tests.simulation.metering.ports import PERIOD
from tests.simulation.metering.producers import SentEvent, SentVoid, malformed, record_of
from tests.simulation.metering.stages import SCHEDULED_STAGES
from tests.simulation.metering.tenant import Tenant
from tests.simulation.metering.world import World

EVENING = PERIOD.end - timedelta(hours=2)  # one slice before the period ends
CLOSE, CORRECT, DETECT, VERIFY = SCHEDULED_STAGES


def usage(event_id: str, *, meter: str = "gigabytes", subject: str = "acme", minutes: int = 5) -> SentEvent:
    return SentEvent(
        event_id=event_id,
        subject=subject,
        occurred_at=EVENING + timedelta(minutes=minutes),
        meter=meter,
        quantity="2.5",
    )


def void(original: SentEvent, *, by: str = "") -> SentVoid:
    return SentVoid(by or f"void of {original.event_id}", original.place)


def wait(world: World, hours: float) -> None:
    world.pass_time(timedelta(hours=hours))


def counting(world: World, tenant: Tenant) -> None:
    """Two records, one event twice, something malformed; then one more on warm processes."""
    tenant.send(record_of(usage("a"), usage("b", subject="globex"), usage("a")))
    tenant.send(malformed())
    world.settle()
    tenant.send(record_of(usage("b", subject="globex"), usage("c", meter="seats")))
    world.settle()


def sealing(world: World, tenant: Tenant) -> None:
    """Usage, the seal, an invoice, and usage that comes after both."""
    tenant.send(record_of(usage("a"), usage("b", subject="globex")))
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    world.fire(tenant, CLOSE)
    tenant.issue_invoices()
    tenant.send(record_of(usage("a"), usage("late")))
    world.settle()
    world.fire(tenant, DETECT)
    world.settle()


def parking(world: World, tenant: Tenant) -> None:
    """Usage of somebody unknown, who is entered then; and of one who stays unknown."""
    tenant.send(record_of(usage("a", subject="wayne"), usage("b", subject="wayne"), usage("c", subject="nobody")))
    world.settle()
    tenant.publish(1)
    world.settle()


def releasing_in_parts(world: World, tenant: Tenant) -> None:
    """More waits than one run releases; master data is published while usage is on its way."""
    tenant.send(record_of(*[usage(f"w{n}", subject="wayne", meter="drones") for n in range(4)]))
    world.settle()
    tenant.publish(1)
    tenant.send(record_of(usage("w4", subject="wayne", meter="drones")))
    world.settle()
    tenant.publish(2)
    world.settle()


def contradicting(world: World, tenant: Tenant) -> None:
    """One id with other content in the same home, and one in another; the archive check finds what the ledger can't."""
    tenant.send(record_of(usage("a"), usage("b")))
    world.settle()
    tenant.send(
        record_of(replace(usage("a"), quantity="9"), replace(usage("b"), occurred_at=EVENING - timedelta(hours=3)))
    )
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    world.fire(tenant, VERIFY)
    world.settle()


def tying_again(world: World, tenant: Tenant) -> None:
    """Release the hold of an earlier archive check whose reason is gone."""
    tenant.send(record_of(usage("a")))
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    reason = f"{ExceptionCode.ARCHIVE_DOES_NOT_TIE}:acme/{PERIOD.name}"
    tenant.backend.stores.holds.place(CustomerId("acme"), PERIOD.name, f"{reason} 0123456789abcdef")
    world.fire(tenant, VERIFY)
    world.settle()


def waiting_too_long(world: World, tenant: Tenant) -> None:
    """Keep a slice open by a stage that does not move; it is told, and sealed when the stage moves again."""
    tenant.send(record_of(usage("a")))
    world.settle()
    tenant.send(record_of(usage("b")))
    wait(world, 12)
    world.fire(tenant, CLOSE)
    world.settle()
    world.fire(tenant, CLOSE)
    world.settle()


def closing_without_usage(world: World, tenant: Tenant) -> None:
    """Begin to close where nothing was ever used."""
    wait(world, 4)
    world.fire(tenant, CLOSE)


def publishing_meanwhile(world: World, tenant: Tenant) -> None:
    """Master data is published while usage is being parked (see _GIVEN): whoever parked it asks for its release."""
    world.at(world.clock.now(), "publish", lambda: tenant.publish(1))
    tenant.send(record_of(usage("a", subject="wayne")))
    world.settle()
    world.run_agenda()


def stalling(world: World, tenant: Tenant) -> None:
    """Let hours pass, and closing look, between a stage and the next: what one has begun is not done."""
    tenant.send(record_of(usage("a")))
    for mapping in tenant.mappings:
        for shard_id in mapping.ready():
            world.deliver_batch(tenant, mapping, shard_id)
        wait(world, 4)
        world.fire(tenant, CLOSE)
    world.settle()


def sharing_a_process(world: World, tenant: Tenant) -> None:
    """Run what is slow and what comes meanwhile in one process, as threads would (see _HABITS)."""
    for event_id in ("a", "b", "c"):
        tenant.send(record_of(usage(event_id)))
    world.settle()
    tenant.send(record_of(usage("d")))
    world.settle()


def racing_the_seal(world: World, tenant: Tenant) -> None:
    """Two processes know the bucket from before its seal when late usage comes."""
    tenant.send(record_of(usage("a")))
    world.settle()
    tenant.pools["aggregate"].start_another(tenant.new_ports)
    tenant.send(record_of(usage("b")))
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.pools["aggregate"].swap()
    tenant.send(record_of(usage("b"), usage("late one")))
    world.settle()
    tenant.pools["aggregate"].swap()
    tenant.send(record_of(usage("late one"), usage("late two")))
    world.settle()


def one_record(world: World, tenant: Tenant) -> None:
    """Count one record with a repeat in it."""
    tenant.send(record_of(usage("a"), usage("a"), usage("b", subject="globex")))
    world.settle()


def one_late_event(world: World, tenant: Tenant) -> None:
    """Count an event, seal its slice, and count one that comes late."""
    tenant.send(record_of(usage("a")))
    world.settle()
    wait(world, 4)
    world.fire(tenant, CLOSE)
    tenant.send(record_of(usage("a"), usage("late")))
    world.settle()


def one_parked_event(world: World, tenant: Tenant) -> None:
    """Park an event, and release it."""
    tenant.send(record_of(usage("a", subject="wayne")))
    world.settle()
    tenant.publish(1)
    world.settle()
