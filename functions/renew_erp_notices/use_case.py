"""Subscribe to an ERP's notices where its mapping wants them, and again before the subscription ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from shared.domain.identifiers import LegalEntityId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.notices import checked_token, wants_notices
from shared.domain.posting.outcome import LookupFailed
from shared.domain.posting.pacing import NotCalled
from shared.domain.posting.readings import NoticesRenewed, NotSupported
from shared.ports.erp import ReadableErpsInTurn
from shared.ports.master_data import MasterData


class NoticesNotRenewedError(RuntimeError):
    """An ERP gives no notice from some day on; the text names the legal entity and why. It is asked all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What is subscribed to at the ERPs that notices are wanted of. Those `left_alone` have their turn tomorrow."""

    of: Mapping[LegalEntityId, NoticesRenewed]
    left_alone: Mapping[LegalEntityId, NotCalled]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRenewal:
    """`address` is where notices go, "" for a deployment that takes none; `token_of` a connection raises without."""

    master_data: MasterData
    erps: ReadableErpsInTurn
    token_of: Callable[[str], str]
    address: str

    def renew(self) -> Renewed:
        """Go through the ERPs whose turn comes; what failed is raised after the last of them."""
        self.master_data.version()
        renewed: dict[LegalEntityId, NoticesRenewed] = {}
        left_alone: dict[LegalEntityId, NotCalled] = {}
        failures: list[Exception] = []
        for entity in self.master_data.legal_entities():
            if not wants_notices(entity.erp):
                continue
            try:
                with self.erps.reading_turn(entity.legal_entity_id) as not_called:
                    if not_called is not None:
                        left_alone[entity.legal_entity_id] = not_called
                        continue
                    renewed[entity.legal_entity_id] = self._renew(entity)
            except Exception as error:  # noqa: BLE001 - raised below, with all the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("notices could not be renewed", failures)
        return Renewed(of=renewed, left_alone=left_alone)

    def _renew(self, entity: LegalEntity) -> NoticesRenewed:
        name = entity.legal_entity_id
        if not self.address:
            raise NoticesNotRenewedError(f"{name}: this deployment takes no notices")
        url = f"{self.address}/{quote(name, safe='')}"
        match self.erps.erp_for(name).renew_notices(url, checked_token(self.token_of(entity.erp.connection))):
            case NoticesRenewed() as renewed:
                return renewed
            case NotSupported(reason=reason) | LookupFailed(reason=reason):
                raise NoticesNotRenewedError(f"{name}: {reason}")
