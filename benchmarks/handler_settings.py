"""What a handler reads from its environment, as a benchmark sets it: a name for everything that has one."""

import re
from collections.abc import Mapping
from pathlib import Path

_ASKED_FOR = re.compile(r'environment\.(text|number)\("(\w+)"\)')
_KNOWN = {
    "TENANT": "acme-saas",
    # One lane as the sizing guide lays it out: its group alone, and slices of an hour at this traffic.
    "BUCKET_LAYOUT": (
        '[{"version": 1, "valid_from": "1970-01-01T00:00:00.000000Z", "groups": 1, "slice_minutes": 60}]'
    ),
    "ACCEPTANCE_HORIZON_DAYS": "35",
    "FUTURE_TOLERANCE_SECONDS": "300",
    "MASTER_DATA_UNASKED_SECONDS": "10",
    "MASTER_DATA_MAX_AGE_SECONDS": "900",
}
_ALWAYS = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "POWERTOOLS_METRICS_NAMESPACE": "usage-to-cash",
}


def settings_of(function: str) -> Mapping[str, str]:
    """Return every setting that the handler asks for; a table, stream or bucket is called by its setting."""
    handler = Path("functions", function, "handler.py").read_text(encoding="utf-8")
    asked = {name: _named(name) for _, name in _ASKED_FOR.findall(handler)}
    return {**_ALWAYS, "POWERTOOLS_SERVICE_NAME": function, **asked}


def _named(name: str) -> str:
    return _KNOWN.get(name) or name.lower().replace("_", "-")
