"""The state machines as files: JSON, known substitutions, no dead ends, retries and time-outs everywhere."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from functions.issue_invoice.use_case import InvoiceInvalidError
from shared.ports.invoices import CreditedMeanwhileError

FOLDER = Path(__file__).parents[2] / "infra" / "state_machines"
MACHINES = ["amend_subscription", "bill_run", "invoice_lifecycle"]
KNOWN = {
    "SelectBillingAccountsArn",
    "VerifyUsageArchiveArn",
    "StartInvoicesArn",
    "SummarizeBillRunArn",
    "BuildInvoiceArn",
    "CalculateTaxArn",
    "ValidateInvoiceArn",
    "RequestApprovalArn",
    "IssueInvoiceArn",
    "CompleteInvoiceArn",
    "ErpPostingsQueueUrl",
    "ExceptionsQueueUrl",
    "InvoiceDocumentsQueueUrl",
    "RecordAmendmentArn",
    "ConfirmAmendmentArn",
    "WriteSalesOrderArn",
    "WithdrawAmendmentArn",
}
# A tax engine that stays away leaves an issue on the draft, which the validation reports. The task itself reports a
# draft that a credit note has overtaken.
OF_ITS_OWN = {"CalculateTax": ["ValidateInvoice"], "IssueInvoice": ["WaitsInTheExceptions"]}
REPORTERS = {"ReportFailure"}
# What must not keep an invoice from being posted: its failure is reported, and the execution goes on.
BESIDE = {"RequestDocuments": "ReportNoDocuments"}


def text_of(machine: str) -> str:
    return (FOLDER / f"{machine}.asl.json").read_text()


def states_of(definition: dict[str, Any]) -> dict[str, Any]:
    """Return all states, those of a map's iterations included."""
    states: dict[str, Any] = dict(definition["States"])
    for state in definition["States"].values():
        if "ItemProcessor" in state:
            states |= states_of(state["ItemProcessor"])
    return states


def tasks_of(machine: str) -> dict[str, Any]:
    states = states_of(json.loads(text_of(machine)))
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_substitution_is_known(machine: str) -> None:
    assert set(re.findall(r"\$\{(\w+)\}", text_of(machine))) <= KNOWN


def test_every_function_of_the_road_is_used() -> None:
    assert {name for machine in MACHINES for name in re.findall(r"\$\{(\w+)\}", text_of(machine))} == KNOWN


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_is_reached_and_leads_somewhere(machine: str) -> None:
    definition = json.loads(text_of(machine))
    states = definition["States"]
    targets = {definition["StartAt"]}
    for state in states.values():
        targets |= {state[key] for key in ("Next", "Default") if key in state}
        targets |= {choice["Next"] for choice in state.get("Choices", []) + state.get("Catch", [])}

    assert targets == set(states)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_task_has_a_time_out_and_retries(machine: str) -> None:
    for name, state in tasks_of(machine).items():
        assert state["TimeoutSeconds"] > 0, name
        assert all(retry["MaxAttempts"] <= 6 for retry in state["Retry"]), name


def test_every_failure_of_an_invoice_reaches_the_exceptions() -> None:
    for name, state in tasks_of("invoice_lifecycle").items():
        if name not in REPORTERS:
            *own, last = state["Catch"]
            assert (last["ErrorEquals"], last["Next"]) == (["States.ALL"], BESIDE.get(name, "ReportFailure")), name
            assert [catch["Next"] for catch in own] == OF_ITS_OWN.get(name, []), name


def test_what_a_later_bill_run_drafts_anew_is_not_tried_again_and_is_no_failure() -> None:
    issue = json.loads(text_of("invoice_lifecycle"))["States"]["IssueInvoice"]
    told = [error.__name__ for error in (CreditedMeanwhileError, InvoiceInvalidError)]

    assert (issue["Retry"][0]["ErrorEquals"], issue["Retry"][0]["MaxAttempts"]) == (told, 0)
    assert (issue["Catch"][0]["ErrorEquals"], issue["Catch"][0]["Next"]) == (told, "WaitsInTheExceptions")


def test_an_invoice_takes_about_ten_transitions() -> None:
    states = json.loads(text_of("invoice_lifecycle"))["States"]
    road = ["BuildInvoice"]
    while "End" not in states[road[-1]] and states[road[-1]]["Type"] != "Succeed":
        state = states[road[-1]]
        road.append(state["Next"] if "Next" in state else state["Default"])

    assert road[-1] == "Completed"
    assert len(road) <= 10


@pytest.mark.parametrize("machine", MACHINES)
def test_the_query_language_is_json_path(machine: str) -> None:
    assert "QueryLanguage" not in text_of(machine)
