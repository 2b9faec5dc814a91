"""Settings of a function: read from the environment once, at import, and complete or the function does not start."""

import os
from collections.abc import Mapping
from typing import Self


class SettingMissingError(KeyError):
    """An environment variable that the function needs is not set."""


class Environment:
    """The environment of one function, read by name. Raises SettingMissingError for a name that is not set."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    @classmethod
    def of_this_function(cls) -> Self:
        return cls(dict(os.environ))

    def text(self, name: str) -> str:
        try:
            return self._variables[name]
        except KeyError:
            raise SettingMissingError(f"the function needs the environment variable {name}") from None

    def number(self, name: str) -> int:
        return int(self.text(name))
