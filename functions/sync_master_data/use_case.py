"""Load a catalogue, write it beside the one in use, move the pointer, and have parked usage looked at again."""

from dataclasses import dataclass
from typing import TypeAlias

from shared.domain.identifiers import CatalogVersion
from shared.ports.catalog_store import CatalogStore
from shared.ports.master_data_versions import MasterDataVersions
from shared.ports.parked_usage_releases import ParkedUsageReleases


@dataclass(frozen=True, slots=True)
class Published:
    version: CatalogVersion


@dataclass(frozen=True, slots=True)
class Superseded:
    """A later version is in force; this one came too late to matter."""

    by: CatalogVersion


Synchronization: TypeAlias = Published | Superseded


def sync_master_data(
    *,
    version: CatalogVersion,
    key: str,
    store: CatalogStore,
    versions: MasterDataVersions,
    releases: ParkedUsageReleases,
) -> Synchronization:
    """Publish one version. Stopped anywhere and done again, it ends the same; readers never see a part of it.

    Raises UnusableCatalogError for a document that cannot be published.
    """
    current = versions.current()
    if current is not None and current > version:
        return Superseded(current)
    if current != version:
        versions.write(version, store.load(key, version))
        if not versions.publish(version):
            return Superseded(versions.current() or version)
    # Also when it was published before: the run that did so may have ended before it could ask.
    releases.request(version)
    return Published(version)
