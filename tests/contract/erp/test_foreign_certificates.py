"""Whoever shows a certificate that is not to be trusted gets nothing of ours, and a person hears of it at once."""

import ssl
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from shared.adapters.erp.dynamics_finance.imports import Imports
from shared.adapters.http.transport import Exchange, HttpTransport, NotTrusted, Reply, Request
from shared.domain.posting.document import DocumentKind
from shared.domain.posting.outcome import AuthFailed, LookupFailed
from tests.builders.posting import a_document, a_journal
from tests.contract.erp.conftest import OpenSite, PostingSite
from tests.contract.foreign_certificates import Certificate, TlsServer, authority, of_loopback, tls_server

SECRETLY = {"Authorization": "Bearer secret"}


@pytest.fixture(scope="module")
def stranger() -> Iterator[TlsServer]:
    with tls_server(of_loopback(signed=False)) as server:
        yield server


def exchanged(certificate: Certificate) -> tuple[Exchange, TlsServer]:
    """Send a request, trusting the authority alone."""
    trust = ssl.create_default_context(cadata=authority().pem.decode())
    with tls_server(certificate) as server, httpx.Client(verify=trust, trust_env=False) as client:
        return HttpTransport(client).exchange(Request("GET", server.address, SECRETLY)), server


@pytest.mark.parametrize(
    ("certificate", "doubt"),
    [
        (of_loopback(signed=False), "self-signed certificate"),
        (of_loopback(days=(-30, -1)), "certificate has expired"),
        (of_loopback(address="127.0.0.9"), "IP address mismatch, certificate is not valid for '127.0.0.1'."),
    ],
    ids=["signed by itself", "expired", "of another address"],
)
def test_a_certificate_that_is_not_to_be_trusted_is_named_and_nothing_is_sent(
    certificate: Certificate, doubt: str
) -> None:
    exchange, server = exchanged(certificate)

    assert exchange == NotTrusted(f"the certificate of 127.0.0.1 is not trusted: {doubt}")
    assert server.requests == []


def test_a_good_certificate_is_trusted() -> None:
    exchange, server = exchanged(of_loopback())

    assert isinstance(exchange, Reply)
    assert b"Bearer secret" in server.requests[0]


def test_an_erp_that_is_not_to_be_trusted_stops_its_connection_and_says_who_must_act(
    site: PostingSite, stranger: TlsServer
) -> None:
    site.change_secret({name: stranger.address for name in site.secret if name.endswith("_url")})
    before = stranger.connections

    outcome = site.erp.submit(a_document())

    assert isinstance(outcome, AuthFailed)
    assert "the certificate of 127.0.0.1 is not trusted: self-signed certificate" in outcome.text
    assert f"u2c erp resume {site.under_test.mapping.connection}" in outcome.text
    assert site.erp.submit(a_document()) == outcome
    not_found = site.erp.locate(a_document().external_ref, DocumentKind.INVOICE)
    assert isinstance(not_found, LookupFailed)
    assert outcome.text in not_found.reason
    assert any(outcome.text in problem for problem in site.erp.check_connection().problems)
    assert stranger.connections == before + 1
    assert stranger.requests == []


def test_a_blob_store_that_is_not_to_be_trusted_is_no_busy_erp(
    open_site: OpenSite, stranger: TlsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site("dynamics_finance")
    assert site.master_data.entity is not None
    erp = replace(site.master_data.entity.erp, settings={**site.under_test.mapping.settings, "package_lines": "1"})
    site.master_data.entity = replace(site.master_data.entity, erp=erp)
    monkeypatch.setattr(Imports, "_write_url", lambda *_: f"{stranger.address}/journal.zip")

    outcome = site.erp.submit(a_journal())

    assert outcome == AuthFailed("the certificate of 127.0.0.1 is not trusted: self-signed certificate")
