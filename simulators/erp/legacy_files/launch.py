"""Starts a receiver. It looks into a folder only when it is told to: whoever runs it brings the folder.

It is called for nothing but what it shows of itself. Nothing signs in to it: a bucket has permissions of its own, and
a server of files is reached by what its connector knows.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from simulators.erp.launch import ErpSetup, RunningErp
from simulators.erp.legacy_files.simulator import LegacyFilesSimulator
from simulators.http.server import serve


@contextmanager
def launch(setup: ErpSetup) -> Iterator[RunningErp]:
    simulator = LegacyFilesSimulator(companies=setup.companies, now=setup.now, faults=setup.faults)
    with serve(simulator.app) as root:
        yield RunningErp(simulator, {}, root)
