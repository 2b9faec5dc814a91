"""Messages of the master-data-changes and parked-usage-releases queues."""

from pydantic import BaseModel, ConfigDict, Field


class MasterDataChanged(BaseModel):
    """A catalogue was stored under `key` and is to be published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: str = Field(min_length=1)
    version: str = Field(min_length=1)
    key: str = Field(min_length=1)


class ParkedUsageReleaseRequested(BaseModel):
    """A version was published, or parked usage may have missed one. `version` is None when only the clock asks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: str = Field(min_length=1)
    version: str | None = Field(default=None, min_length=1)
