import pytest

from infra.synthesize import cloud_assembly, templates
from tests.infrastructure.synthesized import ROOT, Synthesized

CACHE = ROOT / ".local" / "synth"


@pytest.fixture(scope="session")
def synthesized() -> Synthesized:
    return Synthesized(assembly=cloud_assembly(CACHE), templates=templates(CACHE))
