"""What is known of an ERP before anybody calls it."""

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from shared.domain.posting.capabilities import (
    MAX_LINES_SETTING,
    POLL_SETTING,
    QUIET_PERIOD_SETTING,
    STUCK_AFTER_SETTING,
    Capabilities,
)
from shared.domain.posting.pacing import CONCURRENCY_SETTING, RATE_SETTING


@dataclass(frozen=True, slots=True)
class Form:
    """What a text must look like: in words that follow "is", and as a pattern that all of it matches."""

    words: str
    pattern: str

    def admits(self, text: str) -> bool:
        return re.fullmatch(self.pattern, text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Whole numbers from the lowest to the highest, both among them, in words that follow "is"."""

    words: str
    lowest: int
    highest: int

    def admits(self, text: str) -> bool:
        return WHOLE_NUMBER.admits(text) and self.lowest <= int(text) <= self.highest


@dataclass(frozen=True, slots=True)
class Setting:
    """One entry of a legal entity's `erp.settings`: what to write there, one of a few words, a form or any text.

    Without one that is `required` nothing is posted, without one `for_journals` no journal is.
    """

    meaning: str
    required: bool = False
    for_journals: bool = False
    one_of: tuple[str, ...] = ()
    form: Form | Range | None = None


YES_OR_NO = ("yes", "no")
WHOLE_NUMBER = Form("a whole number of at least one", r"0*[1-9][0-9]*")
PATH = Form("a path that begins with /", r"/\S*")


def at_most(width: int) -> Form:
    return Form(f"a text of at most {width} characters", rf".{{1,{width}}}")


LONGEST_QUIET_PERIOD_MINUTES = 24 * 60
LONGEST_UNTIL_STUCK_MINUTES = 7 * 24 * 60
LONGEST_BETWEEN_POLLS_MINUTES = 60

# What any ERP's account may permit otherwise than its maker says for all (domain/posting/pacing).
_CALLS: Mapping[str, Setting] = MappingProxyType(
    {
        CONCURRENCY_SETTING: Setting(
            "how many calls may be under way at a time, for all entities of the connection", form=WHOLE_NUMBER
        ),
        RATE_SETTING: Setting(
            "how many calls a minute the ERP takes, for all entities of the connection", form=WHOLE_NUMBER
        ),
    }
)


class Named(StrEnum):
    """When an ERP's invoices and credit memos name an account of the mapping; its journals may name any."""

    NEVER = "never"
    ALWAYS = "always"
    WITH_DIMENSIONS = "where a line has dimensions"
    WITH_REMAINDER = "where their tax is not what it works out"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccounts:
    """When each account is named beside, or for `revenue` that is always named in the place of, those of products."""

    receivable: Named = Named.NEVER
    tax: Named = Named.NEVER
    revenue: Named = Named.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionPlaces:
    """The setting that has a place for each dimension of a line; without it there is none for any.

    `pattern` matches one place: its group `field` is that of the dimension, `default` what a line has there that says
    nothing of it.
    """

    setting: str
    pattern: str

    def of(self, settings: Mapping[str, str]) -> Mapping[str, str | None]:
        """Return the default of each field that has a place, None where every line has to say something of it."""
        places = re.finditer(self.pattern, settings.get(self.setting, ""))
        return {place["field"]: place["default"] for place in places}


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSchema:
    """What a legal entity's mapping must and may have; products and tax codes every ERP needs.

    `company` is the form of the ERP's own key of the entity, `tax_code` that of its tax codes, `account` that of its
    accounts; None: any text.
    `names_items`: `products` names items, whose accounts are in `revenue_accounts`; else it names accounts.
    `names_currencies`: the ERP has keys of its own for currencies; else it takes ISO codes.
    `untaxed_code_setting` is the setting by which an ERP that works out tax takes a remainder of ours all the same.
    `named_accounts` are those that an invoice names; others, of those that the mapping has, its posting profiles find.
    `tax_setting` is the one by which it takes our tax, where it would work out that of each line itself without it.
    `customers_setting` is the one without which customers are only looked up, `tax_id_setting` the one without which
    they have no tax number there; None: they are created, and have one.
    `tells_customer_each_time`: each document says who its customer is, whether the ERP knows it or not.
    `encoding_setting` is the one that names an encoding, which may lack characters; None: every character goes.
    `number_elsewhere` are settings and values, any of which has the legal number go where it may have any length.
    `dimension_fields` are those that dimensions may go into, each with the form of its values; None: the ERP lets its
    users name them.
    `dimension_places` is where a setting says which dimensions go to the ERP, and in which order; None: all go by name.
    """

    company: Form | None = None
    tax_code: Form | None = None
    account: Form | None = None
    settings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    names_items: bool = False
    names_currencies: bool = False
    one_rate_per_tax_code: bool = False
    untaxed_code_setting: str | None = None
    named_accounts: NamedAccounts = NamedAccounts()
    tax_setting: str | None = None
    customers_setting: str | None = None
    tax_id_setting: str | None = None
    tells_customer_each_time: bool = False
    encoding_setting: str | None = None
    number_elsewhere: tuple[tuple[str, str], ...] = ()
    dimension_fields: Mapping[str, Form | None] | None = None
    dimension_places: DimensionPlaces | None = None

    @property
    def required_settings(self) -> tuple[str, ...]:
        return tuple(name for name, setting in self.settings.items() if setting.required)

    @property
    def journal_settings(self) -> tuple[str, ...]:
        return tuple(name for name, setting in self.settings.items() if setting.for_journals)

    def keeps_number_elsewhere(self, settings: Mapping[str, str]) -> bool:
        """Whether an entity's settings have legal numbers go where `Widths.number` does not hold."""
        return any(settings.get(name) == value for name, value in self.number_elsewhere)

    def tells_customer(self, settings: Mapping[str, str], *, may_be_new: bool) -> bool:
        """Whether a document says who its customer is, or has the customer created who is not there."""
        creates = self.customers_setting is None or self.customers_setting in settings
        return self.tells_customer_each_time or (may_be_new and creates)

    def sends_tax_id(self, settings: Mapping[str, str]) -> bool:
        return self.tax_id_setting is None or self.tax_id_setting in settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """The most characters of a text that the ERP takes, None where it has no limit that matters. Nothing is cut.

    `customer_name` is that of one of the lines that a name has.
    `journal_text`, of a line, and `journal_number` are those of a journal where they are others than those of an
    invoice; `journal_header` is that of its text as a whole.
    """

    line_text: int
    journal_text: int | None = None
    journal_header: int | None = None
    number: int | None = None
    journal_number: int | None = None
    purchase_order: int | None = None
    customer_name: int | None = None
    customer_name_lines: int = 1
    tax_id: int | None = None
    email: int | None = None

    def name_in_lines(self, name: str) -> Sequence[str]:
        """Return a customer's name in as many lines as it takes, broken between words; it may take more than fit."""
        if self.customer_name is None or self.customer_name_lines == 1:
            return (name,)
        return textwrap.wrap(name, self.customer_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSystem:
    """`told_by_files`: nobody calls it; what is staged is delivered as files, and so are its answers.

    `journals_in_books_currency`: it takes journals in the currency of the company's books alone.
    """

    title: str
    capabilities: Capabilities
    mapping: MappingSchema
    widths: Widths
    told_by_files: bool = False
    journals_in_books_currency: bool = False

    @property
    def connection_settings(self) -> Mapping[str, Setting]:
        """What may be said of every ERP, the same for all entities of a connection."""
        own, lines = "the adapter's own", self.capabilities.max_lines
        return {
            **_CALLS,
            QUIET_PERIOD_SETTING: Setting(
                "how long the ERP is left alone after silence: longer than a request may live there",
                form=_minutes_from(self.capabilities.quiet_period_seconds, LONGEST_QUIET_PERIOD_MINUTES),
            ),
            STUCK_AFTER_SETTING: Setting(
                "how long what the ERP has taken may wait to be posted there, before a person is told",
                form=_minutes_from(self.capabilities.stuck_after_seconds, LONGEST_UNTIL_STUCK_MINUTES),
            ),
            POLL_SETTING: Setting(
                "how often the ERP is asked what has become of what it has taken",
                form=Range(
                    words=f"a whole number of minutes from 1 to {LONGEST_BETWEEN_POLLS_MINUTES}",
                    lowest=1,
                    highest=LONGEST_BETWEEN_POLLS_MINUTES,
                ),
            ),
            MAX_LINES_SETTING: Setting(
                "the most lines of an invoice, a credit memo, or a journal without a limit of its own",
                form=Range(words=f"a whole number from 1 to {lines}, {own}", lowest=1, highest=lines),
            ),
        }

    @property
    def name(self) -> str:
        """The word for it in a catalogue."""
        return self.capabilities.system


def _minutes_from(own_seconds: int, longest: int) -> Range:
    own = math.ceil(own_seconds / 60)
    words = f"a whole number of minutes from {own}, the adapter's own, to {longest}"
    return Range(words=words, lowest=own, highest=longest)
