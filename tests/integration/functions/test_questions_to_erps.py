"""What a person asks the ERPs, through the handlers, is answered for every legal entity; a firing fails loudly."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from shared.contracts.mapping_check import question_of
from shared.domain.identifiers import TenantId
from shared.runtime import aws
from tests.builders.aws_resources import create_table
from tests.builders.billing import catalog
from tests.builders.posting import TENANT
from tests.contract.erp.conftest import OpenSite, Surroundings, open_site, surroundings  # noqa: F401 - a fixture
from tests.integration.functions.test_posting_functions import Platform, sample

NOBODY_THERE = {"base_url": "http://127.0.0.1:9", "token_url": "http://127.0.0.1:9"}
QUESTION: dict[str, Any] = {}


@pytest.fixture
def around() -> Iterator[Surroundings]:
    with surroundings(boto3.client("secretsmanager")) as around:
        yield around


@pytest.fixture
def platform(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:  # noqa: F811
    monkeypatch.setenv("EXCEPTIONS_TABLE", "exceptions")
    yield Platform(monkeypatch, open_site("business_central"))
    for client in (aws.dynamodb, aws.sqs, aws.secretsmanager, aws.kms, aws.stepfunctions):
        client.cache_clear()


def handled(platform: Platform, function: str, use_case: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
    """Return a handler whose ERPs are those of the platform."""
    create_table("exceptions")
    handle = platform.handler(function, monkeypatch)
    module = __import__(f"functions.{function}.handler", fromlist=["handler"])
    monkeypatch.setattr(module, "master_data", platform.site.master_data)
    monkeypatch.setattr(module, "site", platform.site.connections)
    if hasattr(module, use_case):
        monkeypatch.setattr(module, use_case, replace(getattr(module, use_case), erps=platform.site.routing))
    return handle


def test_a_question_for_periods_is_answered_with_why_an_erp_does_not_and_a_firing_is_an_error(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = handled(platform, "sync_accounting_periods", "sync", monkeypatch)
    (told,) = ask(QUESTION)["legal_entities"]
    platform.site.change_secret(NOBODY_THERE)
    platform.site.connections.sign_in_anew()

    (untold,) = ask(QUESTION)["legal_entities"]

    assert (told["not_read"], len(told["periods"]) > 0) == ("", True)
    assert "ConnectError" in untold["not_read"]
    assert (untold["periods"], untold["checked_at"]) == (told["periods"], told["checked_at"])
    with pytest.raises(ExceptionGroup, match="accounting periods could not be read"):
        ask(sample("sync_accounting_periods"))


def test_a_mapping_is_checked_with_the_credentials_of_this_moment(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = handled(platform, "check_erp_mappings", "checker", monkeypatch)
    (well,) = ask(QUESTION)["entities"]
    platform.site.change_secret(platform.site.under_test.wrong_credentials)

    (refused,) = ask(QUESTION)["entities"]

    assert well["problems"] == []
    assert "gives no token: status 401" in refused["problems"][0]


def test_a_mapping_is_checked_before_it_is_published(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = handled(platform, "check_erp_mappings", "checker", monkeypatch)
    entity = platform.entity
    proposed = replace(entity, erp=replace(entity.erp, receivable_account="0815"))

    told = ask(question_of(replace(catalog(), tenant=TENANT, legal_entities=(proposed,))))

    assert [one["unknown"] for one in told["entities"]] == [["receivable_account: the ERP has no 0815"]]
    assert ask(QUESTION)["entities"][0]["unknown"] == []
    assert "of the tenant" in ask(question_of(replace(catalog(), tenant=TenantId("cumulus"))))["refused"]


def test_customers_of_an_unknown_legal_entity_are_refused_by_its_name(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = handled(platform, "align_customers", "", monkeypatch)

    answer = ask({"legal_entity": "nope"})

    assert answer == {"refused": f"the catalogue has no legal entity nope; it has {platform.entity.legal_entity_id}"}
