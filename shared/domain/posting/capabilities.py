"""What differs between ERPs, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """How long one ERP must be left alone after silence, and what it does by itself."""

    system: str
    quiet_period_seconds: int  # longer than the ERP's own request ceiling
    lookup_spacing_seconds: int  # between the two look-ups that prove absence
    two_step_post: bool
    natural_key_enforced: bool
