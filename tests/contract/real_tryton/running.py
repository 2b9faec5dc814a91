"""The Tryton of a whole test run, and for each test a database of its own: a copy of the books with nothing in them."""

import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from simulators.erp.company import CompanySetup
from tests.contract.real_tryton.company import Company, set_up
from tests.contract.real_tryton.initialised import ADMINISTRATOR, DATABASE, PASSWORD, prepare
from tests.contract.real_tryton.json_rpc import JsonRpc
from tests.contract.real_tryton.postgres import Postgres, running_postgres
from tests.contract.real_tryton.server import running_trytond

VARIABLE = "U2C_REAL_TRYTON"  # names the file that tells the tests where it runs; without it there is none
SERVED = "served"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTryton:
    """A running Tryton, of a server for each of the test run's workers: one uses little more than one processor.

    The company is in every database that `fresh_database` makes, with the same ids and key.
    """

    roots: tuple[str, ...]
    postgres: Postgres
    company: Company

    @property
    def root(self) -> str:
        """Return the server of this worker, or the first."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        return self.roots[int(worker) % len(self.roots)]

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Copy the books, some 0.7 seconds; they are gone afterwards."""
        database = f"test{os.getpid()}x{next(_numbers)}"
        self.postgres.execute(f"create database {database} template {DATABASE}")
        try:
            # Tryton looks for a database that it does not serve yet only when it is asked under a name that it was not
            # asked under before: it remembers the list of databases by host.
            host = {"Host": f"{database}.example"}
            reply = httpx.get(f"{self.root}/{database}/rest/model/party.party", headers=host, timeout=60)
            assert reply.status_code == httpx.codes.UNAUTHORIZED, reply.text
            yield database
        finally:
            # It looks into every database there is before it serves another.
            self.postgres.execute(f"drop database {database} with (force)")

    def administrator(self, http: httpx.Client, database: str) -> JsonRpc:
        address = f"{self.root}/{database}/rpc/"
        return JsonRpc(http, address, self.company.administrator, {"company": self.company.company})

    def write_to(self, file: Path) -> None:
        fields = asdict(self)
        fields["postgres"]["programs"] = str(self.postgres.programs)
        file.write_text(json.dumps(fields))

    @classmethod
    def read_from(cls, file: Path) -> "RealTryton":
        fields = json.loads(file.read_text())
        postgres = Postgres(programs=Path(fields["postgres"]["programs"]), port=fields["postgres"]["port"])
        return cls(roots=tuple(fields["roots"]), postgres=postgres, company=Company(**fields["company"]))


@contextmanager
def running_tryton(
    environment: Path, *, lock: Path, dumps: Path, setup: CompanySetup, workers: int
) -> Iterator[RealTryton]:
    """Start PostgreSQL and trytond, set up the company; logs lie in the environment's folder."""
    with running_postgres(environment) as postgres, tempfile.TemporaryDirectory() as scratch:
        prepare(environment, postgres, lock=lock, dumps=dumps, folder=Path(scratch))
        with (
            running_trytond(environment, postgres, database=DATABASE, folder=Path(scratch)) as root,
            httpx.Client(timeout=60) as http,
        ):
            company = set_up(JsonRpc.signed_in(http, root, DATABASE, ADMINISTRATOR, PASSWORD), setup)
        # A database that is copied from must have no connection, and a server needs one to serve from the start.
        postgres.execute(f"create database {SERVED} template {DATABASE}")
        with ExitStack() as servers:
            roots = [
                servers.enter_context(
                    running_trytond(
                        environment, postgres, database=SERVED, folder=environment, name=f"trytond-{number}"
                    )
                )
                for number in range(workers)
            ]
            yield RealTryton(roots=tuple(roots), postgres=postgres, company=company)
