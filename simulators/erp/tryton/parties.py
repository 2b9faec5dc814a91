"""Customers are parties; only their code is unique."""

from simulators.erp.tryton.database import Database, Record
from simulators.erp.tryton.dialect import message
from simulators.erp.tryton.moves import created


def create_party(database: Database, sent: Record) -> Record:
    code = sent.get("code") or database.next_number("P")
    if any(party["code"] == code for party in database.all("party.party")):
        raise message("The code on party must be unique.")
    mails = [one["value"] for one in created(sent.get("contact_mechanisms")) if one.get("type") == "email"]
    party = database.add(
        "party.party", name=sent.get("name") or "", code=code, active=True, email=next(iter(mails), "")
    )
    party["addresses"] = [
        database.add("party.address", party=party["id"], country=address.get("country"))["id"]
        for address in created(sent.get("addresses"))
    ]
    party["identifiers"] = [
        database.add("party.identifier", party=party["id"], code=one["code"], type=one.get("type"))["id"]
        for one in created(sent.get("identifiers"))
    ]
    return party
