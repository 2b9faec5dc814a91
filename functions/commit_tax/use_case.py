"""Record one document in its tax engine, as often as it takes: the engine knows it by its code."""

from typing import assert_never

from shared.domain.tax.intent import TaxIntent, TaxIntentId, TaxOperation
from shared.domain.tax.outcome import Recording
from shared.domain.tax.recording import concluded, problem_of, settled_exceptions
from shared.ports.clock import Clock
from shared.ports.exceptions import ExceptionReporter
from shared.ports.tax import TaxEngine, TaxEngines
from shared.ports.tax_intents import TaxIntents


class TaxIntentNotFoundError(LookupError):
    """The message names an intent that was never written: a defect, kept by the dead-letter queue."""


def commit_tax(
    tax_intent_id: TaxIntentId,
    *,
    intents: TaxIntents,
    engines: TaxEngines,
    exceptions: ExceptionReporter,
    clock: Clock,
) -> TaxIntent:
    """Bring an intent one step on and return it; one that is recorded is returned as it is.

    Everyone is told before the step is stored: whoever dies in between is followed by another attempt.
    """
    intent = intents.read(tax_intent_id)
    if intent is None:
        raise TaxIntentNotFoundError(tax_intent_id)
    if not intent.is_open:
        return intent
    outcome = _record(engines.engine_for(intent.legal_entity_id), intent)
    intent = concluded(intent, outcome, now=clock.now())
    _tell(intent, exceptions, clock)
    if intent.is_open:
        intents.save(intent)
    else:
        intents.settle(intent)
    return intent


def _record(engine: TaxEngine, intent: TaxIntent) -> Recording:
    match intent.operation:
        case TaxOperation.COMMIT:
            return engine.commit(intent.document)
        case TaxOperation.VOID:
            return engine.void(intent.document)
        case TaxOperation.REFUND:
            assert intent.original is not None, "a refund is of something"
            return engine.refund(intent.original, intent.document)
        case _ as never:
            assert_never(never)


def _tell(intent: TaxIntent, exceptions: ExceptionReporter, clock: Clock) -> None:
    problem = problem_of(intent, now=clock.now())
    if problem is not None:
        exceptions.report([problem])
    for exception in settled_exceptions(intent):
        exceptions.resolve(exception, "the tax engine has it", clock.now())
