"""What has become of admitted usage so far."""

from enum import Enum, auto


class Standing(Enum):
    """KNOWN is counted, waiting for master data, or measured by no meter: publishing it again changes nothing.

    The ledger holds other content under the id of what is CONFLICTING. It no longer tells what is FORGOTTEN from a
    repeat.
    """

    NEW = auto()
    KNOWN = auto()
    CONFLICTING = auto()
    FORGOTTEN = auto()
