"""Messages of the posting: number(class), severity and text. Only those that public traffic shows are the real ones.

Real: 605(RW), 609(RW), 022(RW), 201(F5), 102(F5), 507(F5), 004(FH). The others carry numbers of ours.
"""

from dataclasses import dataclass

ERROR, WARNING, SUCCESS = 3, 2, 1


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the log that a confirmation carries."""

    type_id: str
    text: str
    severity: int = ERROR


class NotPostedError(Exception):
    """The application refuses a document; the messages say why."""

    def __init__(self, *messages: Message) -> None:
        super().__init__([message.type_id for message in messages])
        self.messages = messages


def unknown_account(account: str) -> tuple[Message, Message]:
    return (
        Message("507(F5)", f"G/L account {account} is not defined in chart of accounts YCOA"),
        Message("004(FH)", f"Account {account} does not exist in chart of accounts YCOA"),
    )


def unknown_customer(debtor: str, company: str) -> Message:
    return Message("102(F5)", f"Customer {debtor} is not defined in company code {company}")


def period_closed(period: str, year: str, account_type: str) -> Message:
    return Message("201(F5)", f"Posting period {period} {year} is not open for account type {account_type}")


def unbalanced(currency: str) -> Message:
    return Message("022(RW)", f"FI/CO interface: Balance in transaction currency {currency}")


def locked(what: str) -> Message:
    return Message("601(MC)", f"The requested object {what} is currently locked by user CB9980000010")
