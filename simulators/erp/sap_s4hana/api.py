"""The addresses that this simulator serves: one SOAP service, five OData V2 services and the token endpoint."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from simulators.erp.sap_s4hana import business_partners, cube
from simulators.erp.sap_s4hana.books import CompanyBooks
from simulators.erp.sap_s4hana.business_partners import BusinessPartners
from simulators.erp.sap_s4hana.communication_user import CommunicationUser
from simulators.erp.sap_s4hana.dialect import SoapDialect
from simulators.erp.sap_s4hana.gateway_sessions import GatewaySessions
from simulators.erp.sap_s4hana.journal_service import JournalService
from simulators.erp.sap_s4hana.odata import Entity, collection_reply, entity_reply
from simulators.erp.sap_s4hana.reference_data import accounts, centers, company_codes
from simulators.http.exchange import Call, Operation, Reply

JOURNAL_ENTRIES = "/sap/bc/srt/scs_ext/sap/journalentrycreaterequestconfi"
ODATA = "/sap/opu/odata/sap"
TOKEN = "/sap/bc/sec/oauth2/token"  # noqa: S105 - an address
PARTNERS = "API_BUSINESS_PARTNER"

Rows = Callable[[], Iterable[Entity]]


class SapApi:
    """Handlers over the books, which are keyed by company code."""

    def __init__(self, books_of: Mapping[str, CompanyBooks], user: CommunicationUser) -> None:
        self._books_of = books_of
        self._user = user
        self._sessions = GatewaySessions()
        self._journals = JournalService(books_of)
        self.partners = BusinessPartners(books_of)

    def operations(self) -> list[Operation]:
        token = Operation(
            name="token", method="POST", path=TOKEN, handler=self._user.answer_token_request, protected=False
        )
        create_entry = Operation(
            name="create_journal_entry",
            method="POST",
            path=JOURNAL_ENTRIES,
            handler=self._journals.create,
            writes=True,
            dialect=SoapDialect(),
        )
        create_partner = Operation(
            name="create_customer",
            method="POST",
            path=f"{ODATA}/{PARTNERS}/A_BusinessPartner",
            handler=self._sessions.writes(self._create_partner),
            writes=True,
        )
        return [token, create_entry, create_partner, *self._reads()]

    def _reads(self) -> list[Operation]:
        setups = [books.setup for books in self._books_of.values()]
        sets: dict[str, tuple[str, Rows, str]] = {
            "find_journal_entries": (
                "API_OPLACCTGDOCITEMCUBE_SRV/A_OperationalAcctgDocItemCube",
                self._cube_rows,
                cube.TYPE,
            ),
            "find_customers": (f"{PARTNERS}/A_BusinessPartner", self.partners.rows, business_partners.TYPE),
            "find_tax_numbers": (
                f"{PARTNERS}/A_BusinessPartnerTaxNumber",
                self.partners.tax_numbers,
                f"{PARTNERS}.A_BusinessPartnerTaxNumberType",
            ),
            "find_company_codes": (
                "API_COMPANYCODE_SRV/A_CompanyCode",
                partial(company_codes, setups),
                "API_COMPANYCODE_SRV.A_CompanyCodeType",
            ),
            "find_accounts": (
                "API_GLACCOUNTINCHARTOFACCOUNTS_SRV/A_GLAccountInChartOfAccounts",
                partial(accounts, setups),
                "API_GLACCOUNTINCHARTOFACCOUNTS_SRV.A_GLAccountInChartOfAccountsType",
            ),
            "find_cost_centers": (
                "API_COSTCENTER_SRV/A_CostCenter",
                partial(centers, setups, name="CostCenter"),
                "API_COSTCENTER_SRV.A_CostCenterType",
            ),
            "find_profit_centers": (
                "API_PROFITCENTER_SRV/A_ProfitCenter",
                partial(centers, setups, name="ProfitCenter"),
                "API_PROFITCENTER_SRV.A_ProfitCenterType",
            ),
        }
        return [
            Operation(
                name=name,
                method="GET",
                path=f"{ODATA}/{path}",
                handler=self._sessions.reads(partial(_collection, rows, type_name)),
            )
            for name, (path, rows, type_name) in sets.items()
        ]

    def _cube_rows(self) -> Iterable[Entity]:
        return [row for books in self._books_of.values() for row in cube.cube_rows(books)]

    def _create_partner(self, call: Call) -> Reply:
        partner = self.partners.create(call.json_object())
        return entity_reply(call, partner, type_name=business_partners.TYPE, status=201)


def _collection(rows: Rows, type_name: str, call: Call) -> Reply:
    return collection_reply(call, rows(), type_name=type_name)
