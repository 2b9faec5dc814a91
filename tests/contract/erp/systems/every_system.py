"""The entries of all ERPs that a catalogue may name: a system without one is a defect, not a gap."""

from importlib import import_module

import pytest

from shared.domain.posting.systems.registry import SYSTEMS
from tests.contract.erp.systems.system_under_test import SystemUnderTest


def under_test(system: str) -> SystemUnderTest:
    entry = import_module(f"tests.contract.erp.systems.{system}").UNDER_TEST
    assert isinstance(entry, SystemUnderTest)
    return entry


EVERY_SYSTEM = tuple(sorted(SYSTEMS))
CALLED_SYSTEMS = tuple(system for system in EVERY_SYSTEM if under_test(system).is_called)
# A test of the suite is about systems that are called, unless it says so.
on_every_system = pytest.mark.parametrize("site", EVERY_SYSTEM, indirect=True)
