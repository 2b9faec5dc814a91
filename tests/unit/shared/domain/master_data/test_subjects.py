"""Whom a subject stands for is decided by when it happened: its customer, who pays for that, and its region."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.identifiers import CustomerId
from shared.domain.master_data.customer import ALWAYS, SINCE_ALWAYS, Customer, Dated, Parent
from shared.domain.master_data.subjects import Holder, holders_by_subject
from shared.domain.time_period import Period

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
UNTIL_MARCH, IN_MARCH, FROM_MARCH = Period(SINCE_ALWAYS, MARCH), Period(MARCH, APRIL), Period(MARCH, None)
INSTANT = timedelta(microseconds=1)


def a_customer(
    customer_id: str,
    *names: Dated[str],
    parents: tuple[Dated[Parent], ...] = (),
    regions: tuple[Dated[str], ...] = (),
) -> Customer:
    return Customer(
        customer_id=CustomerId(customer_id),
        name=customer_id,
        country="US",
        time_zone=ZoneInfo("UTC"),
        known_as=(Dated(customer_id, ALWAYS), *names),
        parents=parents,
        regions=regions,
    )


def below(parent: str, valid: Period = ALWAYS, *, pays: bool = True) -> tuple[Dated[Parent], ...]:
    return (Dated(Parent(CustomerId(parent), pays=pays), valid),)


def who(subject: str, instant: datetime, *customers: Customer) -> tuple[str, str, str] | None:
    """Return who used, who pays and where."""
    held: list[Holder] = [one for one in holders_by_subject(customers).get(subject, ()) if instant in one.valid]
    assert len(held) <= 1
    return (held[0].used_by, held[0].billed_to, held[0].region) if held else None


def test_a_customer_pays_for_what_goes_by_its_names() -> None:
    acme = a_customer("acme", Dated("acme-production", ALWAYS))

    assert who("acme-production", MARCH, acme) == who("acme", MARCH, acme) == ("acme", "acme", "")
    assert who("vandelay", MARCH, acme) is None


def test_a_name_moves_to_another_customer_at_an_instant() -> None:
    acme = a_customer("acme", Dated("lab", UNTIL_MARCH))
    wayne = a_customer("wayne", Dated("lab", FROM_MARCH))

    assert who("lab", MARCH - INSTANT, acme, wayne) == ("acme", "acme", "")
    assert who("lab", MARCH, acme, wayne) == ("wayne", "wayne", "")


def test_a_name_that_has_ended_is_nobodys() -> None:
    acme = a_customer("acme", Dated("lab", IN_MARCH))

    assert who("lab", MARCH - INSTANT, acme) is None
    assert who("lab", APRIL, acme) is None


def test_a_parent_pays_as_long_as_the_catalogue_says_so() -> None:
    lab, acme = a_customer("lab", parents=below("acme", IN_MARCH)), a_customer("acme")

    assert who("lab", MARCH - INSTANT, lab, acme) == ("lab", "lab", "")
    assert who("lab", MARCH, lab, acme) == ("lab", "acme", "")
    assert who("lab", APRIL, lab, acme) == ("lab", "lab", "")


def test_a_parent_that_does_not_pay_changes_nothing() -> None:
    assert who("lab", MARCH, a_customer("lab", parents=below("acme", pays=False)), a_customer("acme")) == (
        "lab",
        "lab",
        "",
    )


def test_the_first_in_a_chain_that_nobody_pays_for_pays() -> None:
    lab = a_customer("lab", parents=below("division"))
    division = a_customer("division", parents=below("acme", FROM_MARCH))
    acme = a_customer("acme", parents=below("holding", pays=False))
    everybody = (lab, division, acme, a_customer("holding"))

    assert who("lab", MARCH - INSTANT, *everybody) == ("lab", "division", "")
    assert who("lab", MARCH, *everybody) == ("lab", "acme", "")


def test_the_region_is_that_of_who_used_and_not_of_who_pays() -> None:
    lab = a_customer(
        "lab", parents=below("acme"), regions=(Dated("eu-west", UNTIL_MARCH), Dated("us-east", FROM_MARCH))
    )
    acme = a_customer("acme", regions=(Dated("apac", ALWAYS),))

    assert who("lab", MARCH - INSTANT, lab, acme) == ("lab", "acme", "eu-west")
    assert who("lab", MARCH, lab, acme) == ("lab", "acme", "us-east")
