"""What the one suite has to know of each ERP: how an entity is mapped to it, and what its simulator calls things."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shared.domain.master_data.catalog import ErpMapping
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import Rejected, RejectionCode, Uncertain
from shared.domain.posting.readings import ReferenceKind
from shared.domain.posting.systems.erp_system import ErpSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemUnderTest:
    """One adapter with its simulator.

    `creates` names, for each kind, the simulator's operation that commits the document when `submit` sends it;
    `looks_up` the one that `locate` asks first for an invoice. `creates_customer` is None where nobody outside may
    create any. `wrong_credentials` are fields of the secret under which nobody can sign in. `after_unknown_refusal` is
    what a refusal of the document in an unknown code comes to. What is told by files alone is not called (`is_called`):
    it has no operations, and nobody signs in. `own_codes` are the ERP's own for what we have a code for elsewhere.

    What an ERP does not show is said here: `not_listed` are kinds of reference data, `lists_customers` and
    `tells_of_open` (settlements of what nobody has paid anything of), `tells_credits` (by how much an invoice was
    credited). `other_company` is one that it does not have.
    `pages_by` names our constants that say how long a page of settlements is. `applies_credit` does what a person does
    there to apply credit memos to their invoice (the simulator, its key, theirs), None where our own posting does.
    `tells_our_number` says that what is read back has the legal number of an invoice or a credit memo;
    `numbers_by_itself` has the simulator give numbers of its own where ours are to be kept, None where none is.
    `takes_back` does what a person does there to reverse the first invoice with a key (the simulator, the key, the
    day), None where it keeps a second one out, or nothing that it shows tells what was reversed.
    """

    system: ErpSystem
    mapping: ErpMapping
    creates: Mapping[DocumentKind, str] = field(default_factory=lambda: MappingProxyType({}))
    looks_up: str = ""
    is_called: bool = True
    creates_customer: str | None = "create_customer"
    after_unknown_refusal: type[Rejected] | type[Uncertain] = Rejected
    own_codes: Mapping[RejectionCode, str] = field(default_factory=lambda: MappingProxyType({}))
    wrong_credentials: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"client_id": "nobody"}))
    not_listed: frozenset[ReferenceKind] = frozenset()
    lists_customers: bool = True
    tells_of_open: bool = True
    tells_credits: bool = True
    other_company: str = "9999"
    pages_by: tuple[str, ...] = ()
    applies_credit: Callable[..., object] | None = None
    tells_our_number: bool = True
    numbers_by_itself: Callable[..., object] | None = None
    takes_back: Callable[..., object] | None = None
