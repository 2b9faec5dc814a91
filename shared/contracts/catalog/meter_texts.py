"""Texts of meters.yaml in the language of meters, refused with the place of what is wrong in them."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from shared.domain.metering.expression import Filter, Formula
from shared.domain.metering.expression_parts import InvalidExpressionError
from shared.domain.metering.expression_reader import MOST_CHARACTERS


def _of_the_language(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            read(text)
        except InvalidExpressionError as invalid:
            raise PydanticCustomError("INVALID_EXPRESSION", "{fault}", {"fault": str(invalid)}) from None
        return text

    return AfterValidator(check)


_Line = StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS)
FilterText: TypeAlias = Annotated[str, _Line, _of_the_language(Filter)]
FormulaText: TypeAlias = Annotated[str, _Line, _of_the_language(Formula)]
