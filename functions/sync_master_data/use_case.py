"""Load a catalogue, write it beside the one in use, move the pointer, and have parked usage looked at again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from shared.domain.identifiers import CatalogVersion
from shared.domain.master_data.amendment_checks import misfits
from shared.domain.master_data.billing_changes import forbidden_billing_changes
from shared.domain.master_data.catalog import Catalog
from shared.domain.master_data.publication import published_at
from shared.domain.master_data.subjects import accounts_of
from shared.domain.usage.contract_changes import forbidden_changes
from shared.ports.amendments import RecordedAmendments
from shared.ports.catalog_store import CatalogStore, UnusableCatalogError
from shared.ports.master_data import MasterData
from shared.ports.master_data_versions import MasterDataVersions
from shared.ports.parked_usage_releases import ParkedUsageReleases
from shared.ports.usage_contracts import UsageContracts

CUSTOMERS_AT_ONCE = 100  # what one call reads


@dataclass(frozen=True, slots=True)
class Published:
    version: CatalogVersion


@dataclass(frozen=True, slots=True)
class Superseded:
    """A later version is in force; this one came too late to matter."""

    by: CatalogVersion


class AmendedMeanwhileError(RuntimeError):
    """An amendment was recorded while the version was checked: check it again."""


Synchronization: TypeAlias = Published | Superseded


def sync_master_data(
    *,
    version: CatalogVersion,
    key: str,
    store: CatalogStore,
    versions: MasterDataVersions,
    published: MasterData,
    contracts: UsageContracts,
    releases: ParkedUsageReleases,
    amendments: RecordedAmendments,
) -> Synchronization:
    """Publish one version, after a look at what is `published`.

    Stopped anywhere and done again, it ends the same; readers never see a part of it. Raises UnusableCatalogError for a
    document that cannot be published, AmendedMeanwhileError to be tried again.
    """
    current = versions.current()
    if current is not None and current > version:
        return Superseded(current)
    if current != version:
        catalog = store.load(key, version)
        amendment_changes, recorded = amendments.every()
        changes = [
            *map(str, forbidden_changes(contracts.published(), catalog.usage_contracts, published_at(version))),
            *_billing_changes(published, catalog, published_at(version)),
            *misfits(catalog, recorded),
        ]
        if changes:
            raise UnusableCatalogError("; ".join(changes))
        versions.write(version, catalog)
        if not versions.publish(version, amendment_changes=amendment_changes):
            return _superseded(versions, version)
    # Also when it was published before: the run that did so may have ended before it could ask.
    releases.request(version)
    return Published(version)


def _superseded(versions: MasterDataVersions, version: CatalogVersion) -> Superseded:
    current = versions.current()
    if current is None or current <= version:
        raise AmendedMeanwhileError(version)
    return Superseded(current)


def _billing_changes(published: MasterData, catalog: Catalog, at: datetime) -> Iterator[str]:
    if published.version() is None:
        return
    accounts = accounts_of(catalog)
    while some := list(islice(accounts, CUSTOMERS_AT_ONCE)):
        known = published.accounts([one.customer.customer_id for one in some])
        yield from forbidden_billing_changes(known, some, at)
