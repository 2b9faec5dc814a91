"""Starts a receiver. It looks into a folder only when it is told to: whoever runs it brings the folder.

Nothing signs in to it: a bucket is reached by its own permissions, a server of files by what its connector knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.legacy_files.simulator import LegacyFilesSimulator


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    simulator = LegacyFilesSimulator(companies=setup.companies, now=setup.now, faults=setup.faults)
    yield RunningErp(simulator, {})
