"""What a history must never show, by the name of the invariant."""


class InvariantViolatedError(AssertionError):
    """One of the invariants does not hold. The message begins with its name."""


class Violations:
    """Gathers what was seen while use cases ran: raised there, it might be swallowed."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def note(self, invariant: str, what: str) -> None:
        self.seen.append(f"{invariant}: {what}")

    def raise_first(self) -> None:
        if self.seen:
            raise InvariantViolatedError(self.seen[0])
