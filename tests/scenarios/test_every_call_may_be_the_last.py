"""Every function of the road is killed before and after its outside calls, and no total changes.

The calls are found by playing the month once and listening, so a new call is covered the day it is written. In a play
a call site dies twice: before the call is made and, when the platform tries again, after the call is made and before
its answer is used. Where another function finishes the work of the dead one, the second death gets a play of its own.

`make test` takes three calls of each function, the first, one between, the last, and has all functions die in the same
month. `make kill` kills at every call, one call a play, which also tells whose death it was that changed something.
"""

import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pytest

from simulators.erp import NO_FAULTS, FaultPlan
from tests.scenarios.outside_tax import month_taxed_by
from tests.scenarios.small_month import SmallMonth

FUNCTIONS = sorted(path.parent.name for path in Path("functions").glob("*/handler.py"))
# Resolver and relay have work only where replies are lost and requests refused.
UNRELIABLE_ERPS = FaultPlan(seed=5, lose_reply=0.5, throttle=0.2)
FINISH_WHAT_OTHERS_LEFT = {"resolve_unknown_postings", "relay_postings"}
# The table of the small month records nothing anywhere.
NEED_AN_OUTSIDE_TAX_ENGINE = {"commit_tax", "relay_tax_commits"}
CALLS_OUT_ONLY_AFTER_A_FAILURE = {"summarize_bill_run"}
# Somebody waits for their answer and asks again; their own tests kill them.
ANSWER_A_CALLER = {
    "align_customers",
    "accept_usage",
    "check_entitlement",
    "close_backfill",
    "issue_credit_note",
    "receive_erp_notices",
    "record_journal",
    "repair_posting",
    "replay_usage",
}
# No month amends a contract: they are killed at every call in test_amendments.
AMEND_CONTRACTS = {"record_amendment", "confirm_amendment", "withdraw_amendment", "write_sales_order"}

KILLED = [name for name in FUNCTIONS if name not in CALLS_OUT_ONLY_AFTER_A_FAILURE | ANSWER_A_CALLER | AMEND_CONTRACTS]
KINDS = ("plain", "unreliable ERPs", "taxed outside")
EVERY_CALL = os.environ.get("U2C_EVERY_CALL") == "1"
A_SHARE = 3  # calls of each function

Moment = Literal["before", "after"]
Found = tuple[dict[str, object], dict[str, list[str]]]  # totals of a kind of month, call sites by function


class EnvironmentDied(BaseException):
    """The machine under a function is gone; no `except Exception` hears of it."""


class Killer:
    """Kills a function at one call site, once at each of the moments that it has `to_die` at, in their order."""

    def __init__(self, function: str, operation: str, moments: Sequence[Moment]) -> None:
        self.site = (function, operation)
        self.to_die = list(moments)

    def __call__(self, function: str, moment: Moment, operation: str) -> None:
        if self.to_die and moment == self.to_die[0] and (function, site_of(operation)) == self.site:
            self.to_die.pop(0)
            raise EnvironmentDied


def site_of(operation: str) -> str:
    """Name a call by what is called: ids of the run are no part of it."""
    return re.sub(r"\([^)]*\)|[0-9a-f]{8}-[0-9a-f-]{27}|/\d+$|eid:\w+", "(id)", operation)


class Killers:
    """Several at once, one for each function at most."""

    def __init__(self, killers: Sequence[Killer]) -> None:
        self.killers = killers

    def __call__(self, function: str, moment: Moment, operation: str) -> None:
        for killer in self.killers:
            killer(function, moment, operation)


def one_of(sites: Sequence[str], place: int) -> str:
    """Return the site at a place of those that `make test` takes: the first, one between, the last."""
    return sites[round(place * (len(sites) - 1) / (A_SHARE - 1))]


def kind_of_month(function: str) -> str:
    if function in NEED_AN_OUTSIDE_TAX_ENGINE:
        return "taxed outside"
    return "unreliable ERPs" if function in FINISH_WHAT_OTHERS_LEFT else "plain"


def a_month(kind: str, folder: Path) -> SmallMonth:
    if kind == "taxed outside":
        return month_taxed_by("avatax", folder)
    return SmallMonth(folder, faults=UNRELIABLE_ERPS if kind == "unreliable ERPs" else NO_FAULTS)


@cache
def undisturbed(kind: str) -> Found:
    """Play a kind of month without a death: its totals, and the call sites of the functions that die in it."""
    sites: dict[str, list[str]] = {name: [] for name in KILLED if kind_of_month(name) == kind}

    def listen(function: str, _moment: Moment, operation: str) -> None:
        if function in sites and site_of(operation) not in sites[function]:
            sites[function].append(site_of(operation))

    with TemporaryDirectory() as folder, a_month(kind, Path(folder)).played(listen) as played:
        assert played.totals["settled"]
        assert [function for function in sites if not sites[function]] == [], "the month never calls out from these"
        return played.totals, sites


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("place", range(A_SHARE), ids=("first call", "call between", "last call"))
@pytest.mark.parametrize("kind", KINDS)  # one after the other: what is undisturbed is played once for each
def test_no_total_changes_when_all_functions_die(place: int, kind: str, tmp_path: Path) -> None:
    totals, sites = undisturbed(kind)
    doomed = {name: one_of(sites[name], place) for name in sites}

    to_die: dict[str, list[Moment]] = {name: ["before", "after"] for name in doomed}
    while to_die:
        killers = {name: Killer(name, doomed[name], moments) for name, moments in to_die.items()}
        folder = tmp_path / f"{len(to_die)}-{min(moments[0] for moments in to_die.values())}"
        folder.mkdir()
        with a_month(kind, folder).played(Killers(list(killers.values()))) as played:
            unharmed = [killer.site for name, killer in killers.items() if killer.to_die == to_die[name]]
            assert unharmed == [], "never called"
            assert played.totals == totals
        to_die = {name: killer.to_die for name, killer in killers.items() if killer.to_die}


@pytest.mark.slow
@pytest.mark.skipif(not EVERY_CALL, reason="make kill")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("function", KILLED)
def test_no_total_changes_when_it_dies(function: str, tmp_path: Path) -> None:
    kind = kind_of_month(function)
    totals, sites = undisturbed(kind)

    for number, operation in enumerate(sites[function]):
        to_die: list[Moment] = ["before", "after"]
        while to_die:
            killer = Killer(function, operation, to_die)
            folder = tmp_path / f"{number}-{to_die[0]}"
            folder.mkdir()
            with a_month(kind, folder).played(killer) as played:
                assert killer.to_die != to_die, f"{function} never called {operation}"
                assert (operation, played.totals) == (operation, totals)
            to_die = killer.to_die
