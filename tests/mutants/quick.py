"""How tests judge a mutant: the nearest first, properties last and with few examples; nothing remembered."""

import sys

import pytest
from hypothesis import Phase, settings

settings.register_profile(
    "mutants",
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # that a test fails is enough, however big the example
)
settings.load_profile("mutants")


def pytest_sessionstart() -> None:
    """Forget what functions of ours remember: they were called before the code was changed."""
    for name, module in list(sys.modules.items()):
        if name.startswith("shared."):
            for remembering in vars(module).values():
                if hasattr(remembering, "cache_clear"):
                    remembering.cache_clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Most mutants die at a worked example of the domain, in milliseconds."""
    items.sort(key=lambda item: (item.get_closest_marker("hypothesis") is not None, "/functions/" in item.nodeid))
