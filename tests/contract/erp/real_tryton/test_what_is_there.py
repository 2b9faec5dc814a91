"""The Tryton that the other tests post to: its books are empty and its poster may do no more than it needs."""

import httpx

from tests.contract.real_tryton.running import RealTryton


def test_each_test_has_books_of_its_own_with_nothing_in_them(tryton: RealTryton) -> None:
    with httpx.Client(timeout=60) as http, tryton.fresh_database() as first, tryton.fresh_database() as second:
        one, other = (tryton.administrator(http, database) for database in (first, second))
        one.create("party.party", {"name": "Acme Corp", "code": "ACME"})

        assert other.search("party.party", [["code", "=", "ACME"]]) == []
        assert other.search("account.move", []) == []


def test_the_poster_may_not_close_a_period(tryton: RealTryton) -> None:
    with tryton.fresh_database() as database, httpx.Client(timeout=60) as http:
        period = tryton.administrator(http, database).only("account.period", [["name", "=", "2026-12"]])

        reply = http.post(
            f"{tryton.root}/{database}/rest/model/account.period/{period}/close",
            json={},
            headers={"Authorization": f"Bearer {tryton.company.key}"},
        )

        assert reply.status_code == httpx.codes.FORBIDDEN
