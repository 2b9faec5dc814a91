"""The small catalogue of tests as the domain sees it, and usage that it can or cannot bill."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from operations.catalog.load import load_catalog
from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.catalog import Catalog
from shared.domain.usage.accepted import AcceptedUsage
from shared.domain.usage.event import Delivery
from shared.domain.usage.fingerprint import fingerprint
from tests.fakes.catalog_folder import spoil, write_catalog
from tests.fakes.usage import an_event

OCCURRED_AT = datetime(2026, 3, 15, 10, 7, 31, tzinfo=UTC)
FIRST_VERSION = CatalogVersion("2026-03-01T00:00:00.000000Z-000000000001")
SECOND_VERSION = CatalogVersion("2026-03-20T00:00:00.000000Z-000000000002")


@cache
def catalog(*, file: str = "", old: str = "", new: str = "") -> Catalog:
    """Return the catalogue of tests/fakes/catalog_folder, with one text in one file replaced if a file is named."""
    with TemporaryDirectory() as directory:
        folder = write_catalog(Path(directory))
        if file:
            spoil(folder, file=file, old=old, new=new)
        loaded = load_catalog(folder)
    assert isinstance(loaded, Catalog), loaded
    return loaded


def catalog_with_wayne() -> Catalog:
    """Return the catalogue after somebody entered that wayne is another name of chandra."""
    return catalog(file="customers.yaml", old="- id: chandra", new="- id: chandra\n  subjects: [wayne]")


@cache
def metering_requests_too() -> Catalog:
    """Return the catalogue with two more meters of the event api_calls: its traffic, and those of gold customers."""
    with TemporaryDirectory() as directory:
        folder = write_catalog(Path(directory))
        spoil(
            folder,
            file="meters.yaml",
            old="- {id: api_calls",
            new="- {id: traffic, name: Traffic, unit: KiB, aggregation: sum,"
            " event: api_calls, quantity: bytes / 1024}\n"
            "- {id: premium_calls, name: Premium, unit: request, aggregation: sum, event: api_calls,"
            " filter: has(tier) and tier == 'gold'}\n- {id: api_calls",
        )
        spoil(folder, file="price_book.yaml", old="    - id: api-calls\n", new=f"{_MORE_CHARGES}    - id: api-calls\n")
        loaded = load_catalog(folder)
    assert isinstance(loaded, Catalog), loaded
    return loaded


_MORE_CHARGES = """\
    - {id: traffic, product: api, meter: traffic, prices: [{currency: USD, per_unit: 0.01}]}
    - {id: premium, product: api, meter: premium_calls, prices: [{currency: USD, per_unit: 0.02}]}
"""


def accepted(
    number: int = 1,
    *,
    subject: str = "acme",
    meter: str = "api_calls",
    occurred_at: datetime = OCCURRED_AT,
    dimensions: tuple[tuple[str, str], ...] = (("region", "eu"), ("tier", "gold")),
) -> AcceptedUsage:
    """Return the number-th accepted event; it arrived a second after it happened."""
    event = an_event(
        event_id=f"call-{number}", subject=subject, meter=meter, occurred_at=occurred_at, dimensions=dimensions
    )
    return AcceptedUsage(
        delivery=Delivery("shardId-000000000000", str(1_000 + number), 0),
        received_at=occurred_at + timedelta(seconds=1),
        event=event,
        fingerprint=fingerprint(event),
        group=2,
    )
