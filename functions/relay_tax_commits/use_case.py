"""Ask again for what was stored but never sent to its tax engine, or was sent and is not recorded."""

from datetime import datetime, timedelta
from itertools import islice

from shared.domain.tax.recording import asked_for_again
from shared.ports.tax_intents import StaleTaxIntentError, TaxIntents, TaxRequests

MAX_CANDIDATES = 1000
# A queue with a backlog must not be fed the same document every few minutes.
PATIENCE_WITH_THE_QUEUE = timedelta(minutes=30)


def relay_tax_commits(now: datetime, *, intents: TaxIntents, requests: TaxRequests) -> int:
    """Ask for what is due and return how many documents that were.

    One that cannot be handled keeps no other waiting: its error is raised after the last of them.
    """
    relayed = 0
    failures: list[Exception] = []
    for tax_intent_id in list(islice(intents.due(now), MAX_CANDIDATES)):
        try:
            intent = intents.read(tax_intent_id)
            if intent is None or not intent.is_open or intent.due_at > now:
                continue
            requests.request(tax_intent_id)
            intents.save(asked_for_again(intent, until=now + PATIENCE_WITH_THE_QUEUE))
            relayed += 1
        except StaleTaxIntentError:
            continue  # somebody else has brought it on
        except Exception as error:  # noqa: BLE001 - raised below, with all the others
            failures.append(error)
    if failures:
        raise ExceptionGroup("tax could not be asked for again", failures)
    return relayed
