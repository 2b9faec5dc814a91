"""What goes wrong on purpose: by seeded chance on writes, or by script for the next calls. What happened is counted."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One thing a system, or the network before it, does to a call."""

    THROTTLE = "throttle"  # refused, not processed
    SERVER_ERROR = "server_error"  # 500, not processed
    UNAVAILABLE = "unavailable"  # 503 with Retry-After, not processed
    REQUEST_TIMEOUT = "request_timeout"  # 408, given up half way, not stored
    GATEWAY_TIMEOUT = "gateway_timeout"  # 504, but the system behind the gateway goes on and stores it
    GATEWAY_PAGE = "gateway_page"  # 502 with an HTML page, not processed
    LOGIN_PAGE = "login_page"  # 200 with an HTML page to sign in at, not processed
    UNKNOWN_REFUSAL = "unknown_refusal"  # 400 with a code that is in no documentation, not processed
    FOREIGN_REFUSAL = "foreign_refusal"  # 418 of a device before the system, in words of its own, not processed
    LOSE_REPLY = "lose_reply"  # stored, then the connection is dropped without an answer
    LATE_COMMIT = "late_commit"  # the connection is dropped, and the call is processed only later
    READ_LAG = "read_lag"  # stored and answered, but no read shows the document yet
    LOST_UNSEEN = "lost_unseen"  # as lose_reply, but no read shows the document yet
    TRUNCATED_JSON = "truncated_json"  # processed, half of the answer's body arrives
    SLOW_DRIP = "slow_drip"  # processed, the answer's body comes byte by byte
    CONNECTION_RESET = "connection_reset"  # processed, the connection is reset in the middle of the answer's body
    CLOCK_SKEW = "clock_skew"  # processed, the answer is dated by a clock that is ten minutes fast
    WRONG_MEDIA_TYPE = "wrong_media_type"  # processed, the answer is labelled as a web page in another charset
    OTHER_FORMAT = "other_format"  # processed, XML comes where JSON is due and JSON where XML is
    LOCATION_STRIPPED = "location_stripped"  # processed, a proxy takes the Location header away
    AUTH_EXPIRED = "auth_expired"  # the access token dies with this call
    CLOSED_PERIOD = "closed_period"  # the accounting period is closed for this call
    TAX_CENT_OFF = "tax_cent_off"  # the ERP recomputes the tax to one minor unit more
    OBJECT_LOCKED = "object_locked"  # refused: somebody works on the customer or account right now
    CSRF_EXPIRED = "csrf_expired"  # the token against forged requests dies with this call
    REFERENCE_REPLACED = "reference_replaced"  # the ERP puts its own document number where a reference of ours was
    CLIENT_UNMAPPED = "client_unmapped"  # refused: the token is good, but its application is no user of the ERP
    POSTING_LATE = "posting_late"  # the ERP's own batch brings this draft into the ledger a day late
    POSTING_NEVER = "posting_never"  # the ERP's own batch passes this draft over for ever
    IMPORT_PARTIAL = "import_partial"  # an import leaves rows out and ends as partly successful
    MAINTENANCE = "maintenance"  # 503 with a page that speaks of maintenance, not processed
    PLAIN_TEXT_ERROR = "plain_text_error"  # 400 with a line of text and no code, not processed
    GRANT_MISSING = "grant_missing"  # a list comes back empty: the user may not see its rows
    DATE_ADJUSTED = "date_adjusted"  # processed, with the accounting date in the next period, and nothing says so
    IMPORT_FAILED = "import_failed"  # the file is loaded, then its import fails and leaves the rows behind
    IMPORT_WARNING = "import_warning"  # the same, but the job that the caller knows ends in a warning
    FILE_MISSED = "file_missed"  # nobody tells the receiver of this file: it is seen when it looks again
    FILE_TRUNCATED = "file_truncated"  # half of this file arrives
    FILE_DUPLICATED = "file_duplicated"  # this file is handed to the receiver twice, and answered twice
    CONTROL_TOTAL_WRONG = "control_total_wrong"  # the receiver's own sum over this file is one off
    ANSWER_LATE = "answer_late"  # the receiver's answers to this file come `late_commit_seconds` later
    ANSWER_HALF = "answer_half"  # half of this file's documents are answered at once, the others later
    ANSWER_TRUNCATED = "answer_truncated"  # half of an acknowledgement can be read at first
    ANSWERS_OUT_OF_ORDER = "answers_out_of_order"  # the response comes first, the acknowledgement later
    ANSWER_NEVER = "answer_never"  # processed, and never answered


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Chances (0 to 1) per write call. The same seed and the same order of calls give the same faults.

    `late_commit_seconds` pass on the simulator's clock before a late commit is processed, `read_lag_seconds` before a
    read shows a document that trails: fewer than the quiet period of any ERP, since nothing is promised beyond that.
    `drip_seconds` are those between two bytes of a slow answer, real ones, since callers give up by a real clock.
    """

    seed: int = 0
    throttle: float = 0.0
    server_error: float = 0.0
    unavailable: float = 0.0
    request_timeout: float = 0.0
    gateway_timeout: float = 0.0
    gateway_page: float = 0.0
    login_page: float = 0.0
    unknown_refusal: float = 0.0
    foreign_refusal: float = 0.0
    lose_reply: float = 0.0
    late_commit: float = 0.0
    read_lag: float = 0.0
    lost_unseen: float = 0.0
    truncated_json: float = 0.0
    slow_drip: float = 0.0
    connection_reset: float = 0.0
    clock_skew: float = 0.0
    wrong_media_type: float = 0.0
    other_format: float = 0.0
    location_stripped: float = 0.0
    auth_expired: float = 0.0
    closed_period: float = 0.0
    tax_cent_off: float = 0.0
    object_locked: float = 0.0
    csrf_expired: float = 0.0
    reference_replaced: float = 0.0
    client_unmapped: float = 0.0
    posting_late: float = 0.0
    posting_never: float = 0.0
    import_partial: float = 0.0
    maintenance: float = 0.0
    plain_text_error: float = 0.0
    grant_missing: float = 0.0
    date_adjusted: float = 0.0
    import_failed: float = 0.0
    import_warning: float = 0.0
    file_missed: float = 0.0
    file_truncated: float = 0.0
    file_duplicated: float = 0.0
    control_total_wrong: float = 0.0
    answer_late: float = 0.0
    answer_half: float = 0.0
    answer_truncated: float = 0.0
    answers_out_of_order: float = 0.0
    answer_never: float = 0.0
    late_commit_seconds: int = 300
    read_lag_seconds: int = 240
    drip_seconds: float = 1.0

    def __post_init__(self) -> None:
        chances = [self.chance(fault) for fault in Fault]
        if min(chances) < 0 or sum(chances) > 1:
            raise ValueError("chances of faults must be at least 0 and add up to at most 1")

    def chance(self, fault: Fault) -> float:
        return float(getattr(self, fault.value))

    def drawn(self, call_number: int) -> Fault | None:
        """Return the fault of the n-th write call, if it has one."""
        digest = hashlib.blake2b(f"{self.seed}:{call_number}".encode(), digest_size=8).digest()
        remaining = int.from_bytes(digest, "big") / 2**64
        for fault in Fault:
            remaining -= self.chance(fault)
            if remaining < 0:
                return fault
        return None


NO_FAULTS = FaultPlan()


@dataclass(frozen=True, slots=True)
class _Scripted:
    fault: Fault | None
    operation: str | None


class FaultInjector:
    """Decides the fault of every call: the script first, then the plan.

    `injected` counts what made a difference: who suffers a fault that it knows says so by `count`.
    """

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self.injected: Counter[str] = Counter()
        self.writes = 0
        self._script: list[_Scripted] = []

    def script(self, *faults: Fault | None, operation: str | None = None) -> None:
        """Queue faults for the next calls of one operation (its name, reads included) or for any next writes.

        None lets a call pass unharmed, also by the plan.
        """
        self._script += [_Scripted(fault, operation) for fault in faults]

    def call_off(self) -> None:
        """Let nothing happen of what is still queued."""
        self._script.clear()

    @property
    def pending(self) -> tuple[str, ...]:
        return tuple(f"{step.operation or 'any write'}: {step.fault or 'none'}" for step in self._script)

    def for_call(self, operation: str, *, writes: bool) -> Fault | None:
        """Return the fault of a call, if it has one; what it is to the system is for that to say."""
        self.writes += writes
        return self._decide(operation, writes=writes)

    def count(self, fault: Fault) -> None:
        """Take down that a fault has happened."""
        self.injected[fault.value] += 1

    def _decide(self, operation: str, *, writes: bool) -> Fault | None:
        for index, step in enumerate(self._script):
            if step.operation == operation or (step.operation is None and writes):
                del self._script[index]
                return step.fault
        return self.plan.drawn(self.writes) if writes else None
