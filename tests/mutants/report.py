"""The document that says how many mutants the tests kill, and why each one that lives may live."""

import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

ENOUGH = 0.90
ACCEPTED = Path(__file__).with_name("accepted.toml")
AREAS = {
    "money": "shared/domain/money.py",
    "rating": "shared/domain/rating/",
    "proration": "shared/domain/subscriptions/proration.py",
    "invoicing": "shared/domain/invoicing/",
}
_KILLED = ("killed", "timeout")  # a test that never ends has noticed
_NO_REASON = "Not looked into"
_TABLE = (
    "| | mutants | killed | of these by time-out | survived | no test | share killed |\n"
    "|---|---:|---:|---:|---:|---:|---:|\n"
)
_HEAD = """# Mutation results

Written by `make mutants`; do not edit. How to read and repeat it: [mutation testing](guides/mutation-testing.md).
Reasons come from [accepted.toml](../tests/mutants/accepted.toml).

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One small change of the code and what the tests said to it: killed, timeout, survived, no tests or another."""

    name: str
    path: Path
    outcome: str

    @property
    def killed(self) -> bool:
        return self.outcome in _KILLED

    @property
    def function(self) -> str:
        """Where it is, e.g. `shared/domain/money.py Money.allocate`."""
        function, of_class = orig_function_and_class_names_from_key(self.name)
        return f"{self.path} {of_class}.{function}" if of_class else f"{self.path} {function}"

    @property
    def change(self) -> str:
        """The lines that differ, each after - or + as in a diff."""
        lines = get_diff_for_mutant(self.name, path=self.path).splitlines()[2:]
        return "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines if line[0] in "-+")


def judged_mutants() -> tuple[Mutant, ...]:
    """Return every mutant of the last run, in the order of the code."""
    found = []
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        outcomes = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        found += [Mutant(name=name, path=path, outcome=outcome) for name, outcome in outcomes.items()]
    return tuple(found)


def document(mutants: Sequence[Mutant]) -> tuple[str, float]:
    """Return the text, and the share that is killed in the area where it is least."""
    by_area = {area: [one for one in mutants if str(one.path).startswith(path)] for area, path in AREAS.items()}
    shares = [_share(of_area) for of_area in by_area.values()]
    rows = [_row(area, of_area) for area, of_area in (*by_area.items(), ("**all**", mutants))]
    living = [one for one in mutants if not one.killed]
    return f"{_HEAD}{_circumstances()}\n{_TABLE}{''.join(rows)}\n{''.join(_survivors(living))}", min(shares)


def _share(mutants: Sequence[Mutant]) -> float:
    return sum(one.killed for one in mutants) / len(mutants)


def _row(area: str, mutants: Sequence[Mutant]) -> str:
    outcomes = Counter(one.outcome for one in mutants)
    others = outcomes.total() - sum(outcomes[one] for one in (*_KILLED, "survived", "no tests"))
    assert not others, f"neither killed nor alive: {outcomes}"
    killed = outcomes["killed"] + outcomes["timeout"]
    figures = (len(mutants), killed, outcomes["timeout"], outcomes["survived"], outcomes["no tests"])
    return f"| {area} | {' | '.join(f'{figure:,}' for figure in figures)} | {_share(mutants):.1%} |\n"


def _survivors(living: Iterable[Mutant]) -> Iterator[str]:
    accepted = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))["accepted"]
    by_reason: dict[str, list[Mutant]] = {why: [] for why in (*(one["why"] for one in accepted), _NO_REASON)}
    for one in living:
        by_reason[next((reason["why"] for reason in accepted if _holds(reason, one)), _NO_REASON)].append(one)
    yield "## Survivors\n"
    for why, mutants in by_reason.items():
        if mutants:
            yield f"\n### {why}\n\n"
        for one in mutants:
            yield f"`{one.function}` (`{one.name}`, {one.outcome})\n\n```diff\n{one.change}\n```\n\n"


def _holds(reason: Mapping[str, Any], of: Mutant) -> bool:
    """Whether a reason names the change, or says that nothing differs but what a pattern matches."""
    if "but" in reason:
        lines = [(line[0], re.sub(reason["but"], "", line[2:])) for line in of.change.splitlines()]
        return {text for sign, text in lines if sign == "-"} == {text for sign, text in lines if sign == "+"}
    return of.change in map(str.strip, reason["in"].get(of.function, ()))


def _circumstances() -> str:
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    commit = f"{_git('rev-parse', '--short', 'HEAD')}{changed}"
    return f"| | |\n|---|---|\n| date | {datetime.now(UTC):%Y-%m-%d} |\n| commit | {commit} |\n"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout.strip()
