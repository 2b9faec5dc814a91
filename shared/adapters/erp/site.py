"""What an adapter needs to reach its ERP, whichever it is: credentials, signature, HTTP, time, and open sessions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.adapters.erp.call_flow import CallFlow, PacedTransport
from shared.adapters.erp.kms_assertion import KmsSigner
from shared.adapters.erp.session import ErpSession, TokenRequest
from shared.adapters.http.connection_secrets import ConnectionSecrets
from shared.adapters.http.transport import HttpTransport, Transport
from shared.domain.identifiers import TenantId
from shared.domain.master_data.catalog import LegalEntity
from shared.domain.posting.pacing import NotCalled, call_limits
from shared.domain.posting.systems.registry import SYSTEMS
from shared.ports.clock import Clock
from shared.ports.customer_creations import CustomerCreations

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """A table where an adapter keeps what its ERP has no place for, under keys of its own."""

    client: "DynamoDBClient"
    table: str
    tenant: TenantId


@dataclass(frozen=True, slots=True)
class ErpSite:
    """One for all ERPs of a function. Entities behind one connection share its session, and so its token."""

    credentials: ConnectionSecrets
    signer: KmsSigner
    transport: HttpTransport
    clock: Clock
    flow: CallFlow
    creations: CustomerCreations
    records: OwnRecords | None = None
    _sessions: dict[tuple[str, str], ErpSession] = field(default_factory=dict, init=False, repr=False)

    def session(self, entity: LegalEntity, *, needed: tuple[str, ...], token_request: TokenRequest) -> ErpSession:
        """Return the session of the entity's connection; `needed` are the fields that its secret must have."""
        key = entity.erp.system, entity.erp.connection
        if key not in self._sessions:
            transport = self._paced(entity)
            self._sessions[key] = ErpSession(
                entity.erp.connection,
                credentials=self.credentials,
                needed=needed,
                token_request=token_request,
                transport=transport,
                clock=self.clock,
                refused=transport.refused,
            )
        return self._sessions[key]

    def sign_in_anew(self) -> None:
        """Have every connection read its secret and sign in again: what this process was let in with may be revoked."""
        self._sessions.clear()
        self.credentials.forget_all()

    @contextmanager
    def turn(self, entity: LegalEntity, *, document: bool) -> Iterator[NotCalled | None]:
        """Wait for the turn at the entity's ERP: see port ErpsInTurn. `document` as of `in_turn`."""
        with self.in_turn(document=document):
            yield self._paced(entity).begin()

    @contextmanager
    def in_turn(self, *, document: bool = False) -> Iterator[None]:
        """Call ERPs in here, then let others do so. `document`: it is about one document, which tells what one takes.

        Whoever calls outside keeps others waiting until the lease of its permits is over.
        """
        try:
            yield
        finally:
            self.flow.give_back(document=document)

    def line_of(self, entity: LegalEntity) -> tuple[Transport, Callable[[str], str]]:
        """Return the transport for an adapter without a session of ours, and who hears that credentials were refused.

        The latter returns what is to be done, for an `AuthFailed`.
        """
        paced = self._paced(entity)
        return paced, paced.refused

    def _paced(self, entity: LegalEntity) -> PacedTransport:
        capabilities = SYSTEMS[entity.erp.system].capabilities
        return self.flow.transport(
            entity.erp.connection,
            call_limits(capabilities, entity.erp.settings),
            busy_codes=capabilities.busy_codes,
            over=self.transport,
            credentials=self.credentials,
        )
