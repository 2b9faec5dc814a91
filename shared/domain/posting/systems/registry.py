"""Every ERP that a catalogue may name."""

from collections.abc import Mapping
from types import MappingProxyType

from shared.domain.posting.systems.business_central import BUSINESS_CENTRAL
from shared.domain.posting.systems.dynamics_finance import DYNAMICS_FINANCE
from shared.domain.posting.systems.erp_system import ErpSystem
from shared.domain.posting.systems.legacy_files import LEGACY_FILES
from shared.domain.posting.systems.netsuite import NETSUITE
from shared.domain.posting.systems.oracle_fusion import ORACLE_FUSION
from shared.domain.posting.systems.sap_s4hana import SAP_S4HANA
from shared.domain.posting.systems.tryton import TRYTON

SYSTEMS: Mapping[str, ErpSystem] = MappingProxyType(
    {
        system.name: system
        for system in (
            BUSINESS_CENTRAL,
            DYNAMICS_FINANCE,
            LEGACY_FILES,
            NETSUITE,
            ORACLE_FUSION,
            SAP_S4HANA,
            TRYTON,
        )
    }
)
