"""The entries of all ERPs that a catalogue may name: a system without one is a defect, not a gap."""

from importlib import import_module

from shared.domain.posting.systems.registry import SYSTEMS
from tests.contract.erp.systems.system_under_test import SystemUnderTest

EVERY_SYSTEM = tuple(sorted(SYSTEMS))


def under_test(system: str) -> SystemUnderTest:
    entry = import_module(f"tests.contract.erp.systems.{system}").UNDER_TEST
    assert isinstance(entry, SystemUnderTest)
    return entry
