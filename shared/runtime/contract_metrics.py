"""Counts of events by contract version for CloudWatch (port ContractCounts): lines of the log, no call is made."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from shared.ports.contract_counts import ContractOutcome, CountsByContract

DEPRECATED = "deprecated"
UNKNOWN = "unknown"
_NAMES = (*ContractOutcome, DEPRECATED)
_METRICS = [{"Name": f"{name}_events", "Unit": "Count"} for name in _NAMES]


class LoggedContractCounts:
    """Writes one line for each contract version of a batch, in CloudWatch's embedded metric format.

    Of versions that are not known there is one line, whatever they call themselves: a producer's words make no metric.
    What is accepted in a deprecated version counts as deprecated, too, and so in the sum over all versions.
    """

    def __init__(self, *, is_deprecated: Callable[[str], bool]) -> None:
        self._namespace = os.environ["POWERTOOLS_METRICS_NAMESPACE"]  # every function has it, for the other metrics
        self._is_deprecated = is_deprecated

    def record(self, counts: CountsByContract, at: datetime) -> None:
        figures: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_NAMES, 0))
        for outcome, by_contract in counts.items():
            for contract, count in by_contract.items():
                figures[contract][outcome] += count
                if outcome is ContractOutcome.ACCEPTED and self._is_deprecated(contract):
                    figures[contract][DEPRECATED] += count
        directive = {"Namespace": self._namespace, "Dimensions": [[], ["contract"]], "Metrics": _METRICS}
        about = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
        for contract, of_contract in figures.items():
            named = {f"{name}_events": count for name, count in of_contract.items()}
            sys.stdout.write(json.dumps({"_aws": about, "contract": contract or UNKNOWN, **named}) + "\n")
