"""Tests on a Tryton that runs: make test-tryton starts one. Without it there is nothing to collect here."""

import os
from pathlib import Path

import pytest

from tests.contract.real_tryton.running import VARIABLE, RealTryton

collect_ignore_glob = [] if VARIABLE in os.environ else ["test_*.py"]


@pytest.fixture(scope="session")
def tryton() -> RealTryton:
    return RealTryton.read_from(Path(os.environ[VARIABLE]))
