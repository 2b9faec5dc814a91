"""Which ERP a legal entity posts to, while its catalogue is published anew."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

from shared.adapters.erp.routing import MappedErpRouting
from shared.adapters.erp.site import ErpSite
from shared.domain.identifiers import CatalogVersion, LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.ports.master_data import MasterData
from tests.builders.posting import FIRST_OF_NOVEMBER
from tests.fakes.erp_files_world import ACME
from tests.fakes.steady_clock import SteadyClock


@dataclass(slots=True)
class PublishedAgainAndAgain:
    """Master data of which each look finds another version: Acme's company is no. 1, then no. 2, and so on."""

    company: int = 0

    def version(self) -> CatalogVersion:
        self.company += 1
        return CatalogVersion(str(self.company))

    def legal_entity(self, legal_entity_id: LegalEntityId) -> LegalEntity:
        del legal_entity_id
        return replace(ACME, erp=replace(ACME.erp, company=f"no. {self.company}"))


def test_an_erp_and_its_books_are_of_one_catalogue() -> None:
    master_data = cast("MasterData", PublishedAgainAndAgain())
    site = cast("ErpSite", SimpleNamespace(records=None, clock=SteadyClock(FIRST_OF_NOVEMBER)))

    erp, books = MappedErpRouting(master_data, site).erp_and_books(ACME.legal_entity_id)

    (problem,) = erp.check_connection().problems  # of a file that cannot have such a company in its name
    company = books.rpartition("/")[2]
    assert company == "no. 1"
    assert problem.startswith(f"the company '{company}' cannot stand in the name of a file")
