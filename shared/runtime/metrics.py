"""Figures for CloudWatch (port Metrics), written as a line of the log: no call is made for them."""

from aws_lambda_powertools import Metrics

from shared.ports.metrics import Unit


class LoggedMetrics:
    def __init__(self) -> None:
        self._metrics = Metrics()

    def record(self, name: str, value: float, unit: Unit) -> None:
        self._metrics.add_metric(name=name, unit=unit.value, value=value)
        self._metrics.flush_metrics()
