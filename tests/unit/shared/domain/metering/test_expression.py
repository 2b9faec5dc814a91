"""The language of meters: exact, small, and never more than its text says."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.metering.exact_quantity import as_quantity
from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.expression_parts import Facts, InvalidExpressionError, UnmeasurableError

CALL = Facts(
    Decimal("90.5"),
    {"region": "eu", "bytes": "1536", "rate": "0.1", "data-center": "fra1", "cached": "true", "\u00fcberlast": "nein"},
)


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("region == 'eu'", True),
        ("region != 'eu'", False),
        ("region in ['eu', 'us']", True),
        ("region not in ('eu', 'us')", False),
        ("cached == 'true'", True),
        ("bytes == 1536.0", True),  # as numbers, because one of the two is one
        ("bytes == '1536.0'", False),  # as texts
        ("bytes in [1, 1536.00]", True),
        ("1024 <= bytes < 2048", True),
        ("quantity > 100 or rate < 0.2", True),
        ("has(tier) and tier == 'gold'", False),
        ("not has(tier)", True),
        ("attributes['data-center'] == 'fra1'", True),
        ("has(attributes['data-center'])", True),
        ("\u00fcberlast == 'nein'", True),
        ("not (region == 'eu' and bytes > 1)", False),
    ],
)
def test_a_filter_takes_or_leaves(text: str, takes: bool) -> None:
    assert Filter(text).takes(CALL) is takes


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("bytes / 1024", "1.5"),
        ("quantity * rate", "9.05"),
        ("0.1 + 0.2", "0.3"),
        ("quantity / 3", "30.166666666666666667"),
        ("(quantity / 3) * 3", "90.5"),  # nothing is rounded on the way
        ("ceil(quantity / 60)", "2"),
        ("floor(quantity)", "90"),
        ("abs(1 - bytes)", "1535"),
        ("max(quantity, 100, rate)", "100"),
        ("min(quantity, bytes)", "90.5"),
        ("-quantity + 91", "0.5"),
        ("bytes", "1536"),
        ("quantity if region == 'us' else 2 * quantity", "181"),
    ],
)
def test_a_formula_is_exact(text: str, quantity: str) -> None:
    assert Formula(text).quantity(CALL) == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("tier == 'gold'", "the event has no attribute tier"),
        ("region > 5", "the attribute at character 1 of the expression is no number"),
        ("quantity / (bytes - 1536) > 1", "division by zero at character 13"),
    ],
)
def test_what_cannot_be_said_of_an_event_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnmeasurableError) as unmeasurable:
        Filter(text).takes(CALL)

    assert str(unmeasurable.value) == reason


@pytest.mark.parametrize("text", ["quantity - 91", "quantity * 1000000000000000"])
def test_a_quantity_is_one_that_an_event_may_have(text: str) -> None:
    with pytest.raises(UnmeasurableError):
        Formula(text).quantity(CALL)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("region = 'eu'", "at character 8: invalid syntax"),
        ("region == 'eu' and 'a' + 1 == 2", "at character 20: a number is needed, and this is text"),
        ("region", "a filter is a condition, and this is an attribute"),
        ("True", "at character 1: numbers are written like 1024 or 0.25, texts like 'eu'"),
        ("quantity ** 9 > 1", "at character 1: this is not part of the language"),
        ("quantity > 1e3", "at character 12: numbers are written like 1024 or 0.25, texts like 'eu'"),
        ("region in 'europe'", "at character 11: after in stands a list of texts or of numbers: ['eu', 'us']"),
        ("region is 'eu'", "at character 11: comparisons are ==, !=, <, <=, >, >=, in and not in"),
        (
            "'\u00fc' == round(quantity)",
            "at character 8: there are has(attribute), min(a, b, ...), max(a, b, ...), abs(a), floor(a), ceil(a)",
        ),
        ("quantity > 1 and " * 40 + "has(a)", "686 characters are too many, 500 at most"),
        ("not " * 60 + "has(a)", "at character 201: nested more than 50 deep"),
        ("has(a)\n", "an expression is one line without backslashes and control characters"),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(InvalidExpressionError) as invalid:
        Filter(text)

    assert str(invalid.value) == fault


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true') == 0",
        "().__class__ == 1",
        "(lambda: 1)() == 1",
        "[x for x in [1]] == 1",
        "f'{quantity}' == '1'",
        "(x := 1) == 1",
        "attributes[quantity] == 'a'",
        "attributes == 'a'['b']",
        "'a' * 1000000000 == 'b'",
        "9 ** 9 ** 9 > 1",
        "has('region')",
        "min(*[1, 2]) > 1",
        "max(quantity, 1, key=abs) > 1",
        "(" * 240 + "1" + ")" * 240 + " > 0",
        "None == 1",
        "... == 1",
        "\ud800 == 1",
    ],
)
def test_nothing_else_of_python_is_understood(text: str) -> None:
    with pytest.raises(InvalidExpressionError):
        Filter(text)


def test_a_formula_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidExpressionError, match="a quantity is a number, and this is text"):
        Formula("'eu'")


numbers = st.decimals(min_value=0, max_value=10**6, places=6)


@given(numbers, numbers, numbers.filter(bool))
def test_arithmetic_is_that_of_fractions(quantity: Decimal, a: Decimal, b: Decimal) -> None:
    facts = Facts(quantity, {"a": f"{a:f}", "b": f"{b:f}"})

    expected = as_quantity((Fraction(quantity) + Fraction(a) * 3) / Fraction(b))

    assert expected >= 10**15 or Formula("(quantity + a * 3) / b").quantity(facts) == expected


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidExpressionError):
        Filter(text)
