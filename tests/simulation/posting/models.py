"""What is simulated: an ERP in memory that does what is known of each system that a catalogue may name."""

from collections.abc import Mapping

from shared.domain.posting.capabilities import Capabilities
from shared.domain.posting.systems.registry import SYSTEMS

MODELS: Mapping[str, Capabilities] = {name: system.capabilities for name, system in sorted(SYSTEMS.items())}
