"""What the name of a catalogue version says about its publication."""

from datetime import datetime

from shared.domain.identifiers import CatalogVersion
from shared.domain.time_period import parse_instant


def published_at(version: CatalogVersion) -> datetime:
    """Return the instant (UTC) that a version's name starts with; raise ValueError for a name of another form."""
    return parse_instant(version.rpartition("-")[0])
