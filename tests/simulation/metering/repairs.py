"""The stages that repair what was counted, or was not: corrections, and replays from the archive."""

from collections.abc import Callable
from datetime import datetime

from functions.apply_usage_corrections import use_case as correcting
from functions.replay_usage import use_case as replaying
from shared.adapters.usage_standing import LedgerStanding
from shared.contracts.replay import ReplayRequested
from shared.contracts.usage_event.published_reader import PublishedContractReader
from shared.domain.archive.delivery import judge_with
from tests.simulation.metering.ports import HORIZON, Ports

MOST_PAGES_A_RUN = 2  # tiny, so that a replay takes several


def correct(ports: Ports) -> Callable[[datetime], object]:
    applier = correcting.CorrectionApplier(
        tenant=ports.tenant,
        layout=ports.layout,
        horizon=HORIZON,
        logs=ports.logs,
        corrections=ports.corrections,
        archive=ports.archive,
        judge=judge_with(PublishedContractReader(ports.contracts, ports.clock), HORIZON),
        master_data=ports.master_data,
        reporter=ports.reporter,
        clock=ports.clock,
    )
    return lambda _: applier.apply()


def replay(ports: Ports) -> Callable[[str], None]:
    """Return what an operator does who asks for a replay: invoke it again until it has finished."""
    replayer = replaying.UsageReplayer(
        tenant=ports.tenant,
        judge=judge_with(PublishedContractReader(ports.contracts, ports.clock), HORIZON),
        home=ports.layout.home,
        archive=ports.archive_pages,
        standing=LedgerStanding(ports.logs, ports.layout, ports.master_data, ports.parked),
        master_data=ports.master_data,
        corrections=ports.corrections,
        accepted_usage=ports.accepted_usage,
        exceptions=ports.exceptions,
        reporter=ports.reporter,
        replays=ports.replays,
        clock=ports.clock,
        tell=lambda _: None,
        most_pages=MOST_PAGES_A_RUN,
    )

    def work(body: str) -> None:
        request = ReplayRequested.model_validate_json(body).to_domain()
        while not replayer.replay(request).finished:
            pass

    return work
