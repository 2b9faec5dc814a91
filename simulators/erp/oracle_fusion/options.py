"""What a Fusion customer decides in its setup, and what a caller therefore meets."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionOptions:
    """Setup of one environment.

    `transaction_source` is the one that receivables know, `journal_source` and `journal_category` those of journals.
    `duplicate_numbers` is the option of the transaction source that lets a number repeat. `accounting_date` is what
    happens to a date in a closed period: "reject" refuses it, "adjust" moves it to the next open period and says
    nothing. `incomplete_on_create` permits invoices that are created incomplete: Oracle's reference says that they
    must be complete, other sources show that some releases take both. `automatic_numbers` numbers all transactions of
    the source, whatever is sent. `filters_by_children` takes conditions on children's attributes: published of one
    resource, of framework version 2 and later. `customers_by_rest` lets callers create
    customers. `autopost` posts imported journals; without it they wait for a person. `import_ends` is the status of an
    import that has made its batch: WARNING where something beside it went wrong. Durations are on the simulator's
    clock.
    """

    transaction_source: str = "U2C"
    journal_source: str = "U2C"
    journal_category: str = "Usage"
    duplicate_numbers: bool = False
    automatic_numbers: bool = False
    accounting_date: str = "reject"
    incomplete_on_create: bool = True
    filters_by_children: bool = True
    customers_by_rest: bool = False
    autopost: bool = True
    import_ends: str = "SUCCEEDED"
    load_takes: timedelta = timedelta(minutes=1)
    import_takes: timedelta = timedelta(minutes=1)
