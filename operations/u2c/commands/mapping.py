"""What the catalogue maps to, held against the ERPs.

diff names each entry that differs between the mappings of two catalogues. check signs in to the ERP of each legal
entity and names every account, item, tax code, currency and dimension of its mapping that the ERP does not have; with
--proposed, of the mapping of a catalogue folder before it is published, which opens and closes no exception.
customers tells how the customers of a legal entity stand in its ERP. periods asks which accounting periods are open
there: for invoices and credit memos, and for journals apart, which go into the general ledger of a month. None changes
anything in an ERP. All but diff work on the deployment in the AWS account of the environment's credentials.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from operations.catalog.load import load_catalog
from operations.u2c.aws_faults import AWS_FAULTS, why
from operations.u2c.commands import mapping_diff
from operations.u2c.commands.faults import show_faults
from operations.u2c.invoked import Invoke, invoker
from operations.u2c.stack_outputs import stack_outputs
from shared.contracts.mapping_check import question_of
from shared.domain.master_data.catalog import Catalog
from shared.domain.posting.accounting_period import period_title

WELL, NOT_WELL, UNUSABLE_REQUEST = 0, 1, 2

EPILOG = """\
exit status:
  0  all is as it should be
  1  something is not, and is named
  2  the request cannot be used, or this ERP shows nothing of what it asks for

for example:
  u2c mapping diff main/catalog proposed/catalog
  u2c mapping check
  u2c mapping check --proposed proposed/catalog
  u2c mapping customers nimbus-de
  u2c mapping periods
"""


def register(subparsers: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    parser = subparsers.add_parser("mapping", help="hold mappings and customers against the ERPs", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    shared: dict[str, Any] = {
        "description": __doc__,
        "epilog": EPILOG,
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }
    mapping_diff.register(actions)
    checking = actions.add_parser("check", help="accounts, items, tax codes, currencies and dimensions", **shared)
    checking.add_argument(
        "--proposed", type=Path, nargs="+", metavar="DIR", help="a catalogue that is not published yet, in place of it"
    )
    checking.set_defaults(execute=_execute_check)
    asking = actions.add_parser("periods", help="accounting periods: open, soft-closed or closed in the ERP", **shared)
    asking.set_defaults(execute=lambda _: _executed("SyncAccountingPeriodsFunctionName", periods))
    aligning = actions.add_parser("customers", help="customers: missing, unlinked, doubled, told otherwise", **shared)
    aligning.add_argument("legal_entity", metavar="LEGAL_ENTITY", help="whose customers, as the catalogue names it")
    aligning.set_defaults(
        execute=lambda typed: _executed(
            "AlignCustomersFunctionName", lambda invoke, console: customers(typed.legal_entity, invoke, console)
        )
    )


def periods(invoke: Invoke, console: Console) -> int:
    """Invoke, show each period, and return the exit status."""
    entities = invoke({})["legal_entities"]
    for entity in entities:
        for line in _periods_of_entity(entity):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return NOT_WELL if any(entity["left_alone"] or entity["not_read"] for entity in entities) else WELL


def check(question: Mapping[str, Any], invoke: Invoke, console: Console) -> int:
    """Invoke, show each legal entity, and return the exit status."""
    told = invoke(question)
    if "refused" in told:
        show_faults([told["refused"]], console)
        return UNUSABLE_REQUEST
    entities = told["entities"]
    for entity in entities:
        for line in _of_entity(entity):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return NOT_WELL if any(entity["problems"] or entity["unknown"] for entity in entities) else WELL


def customers(legal_entity: str, invoke: Invoke, console: Console) -> int:
    """Invoke until all were told, show whom a person has to look at, and return the exit status."""
    after, told, odd = None, 0, 0
    while True:
        page = invoke({"legal_entity": legal_entity, "after": after})
        if "refused" in page:
            show_faults([page["refused"]], console)
            return UNUSABLE_REQUEST
        if "not_read" in page:
            show_faults([page["not_read"]], console)
            return NOT_WELL
        told += len(page["customers"])
        for customer in page["customers"]:
            for line in _of_customer(customer):
                odd += 1
                console.print(line, markup=False, highlight=False, soft_wrap=True)
        after = page["next_after"]
        if after is None:
            break
    console.print(f"{told} customers, {odd} remarks", markup=False, highlight=False)
    return NOT_WELL if odd else WELL


def _execute_check(typed: argparse.Namespace) -> int:
    question: Mapping[str, Any] = {}
    if typed.proposed:
        proposed = load_catalog(*typed.proposed)
        if not isinstance(proposed, Catalog):
            show_faults(map(str, proposed), Console())
            return UNUSABLE_REQUEST
        question = question_of(proposed)
    return _executed("CheckErpMappingsFunctionName", lambda invoke, console: check(question, invoke, console))


def _executed(output: str, run: Callable[[Invoke, Console], int]) -> int:
    console = Console()
    try:
        return run(invoker(stack_outputs()[output]), console)
    except AWS_FAULTS as error:
        show_faults([why(error)], console)
        return UNUSABLE_REQUEST


def _of_entity(entity: Mapping[str, Any]) -> Iterator[str]:
    findings = [*entity["problems"], *entity["unknown"]]
    yield f"{entity['legal_entity']} in {entity['erp']} ({entity['connection']}): " + (
        f"{len(findings)} to mend" if findings else "well"
    )
    yield from (f"  {finding}" for finding in findings)
    yield from (f"  not compared: {reason}" for reason in entity["not_compared"])


def _periods_of_entity(entity: Mapping[str, Any]) -> Iterator[str]:
    yield f"{entity['legal_entity']}{_told(entity)}"
    for period in entity["periods"]:
        status = period["status"].replace("_", "-")
        open_here = f"{period['unsettled']} unsettled, {period['unrecorded']} without tax record"
        yield f"  {period_title(period['period'])}: {status}, {open_here}"


def _told(entity: Mapping[str, Any]) -> str:
    told = entity["checked_at"]
    if entity["not_read"]:
        return f" could not be asked: {entity['not_read']}; told last: {told or 'never'}"
    if entity["left_alone"]:
        return f" was not asked, {entity['left_alone']}; told last: {told or 'never'}"
    if told:
        return f", told {told}"
    taken = "; what we have posted into is taken here, until the ERP refuses, for" if entity["periods"] else ""
    return f": its ERP shows no periods{taken}"


def _of_customer(customer: Mapping[str, Any]) -> Iterator[str]:
    keys = ", ".join(customer["keys"])
    if customer["status"] != "linked":
        yield f"{customer['customer']} ({customer['name']}) is {customer['status']}" + (f": {keys}" if keys else "")
    yield from (f"{customer['customer']} ({keys}): {drift}" for drift in customer["drift"])
