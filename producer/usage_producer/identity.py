"""What never changes about an event however often it is sent: its id, and the lane that its subject takes."""

from hashlib import blake2b

_HASH_KEY_BITS = 128  # Kinesis places a record by a number of this size


def event_id(source: str, record_key: str, meter: str) -> str:
    """Return the id of what a record of `source` says of a meter: 32 hexadecimal characters, always the same.

    It is the BLAKE2b hash of the three texts in UTF-8, joined by NUL, which none of them may hold.
    """
    return blake2b(f"{source}\0{record_key}\0{meter}".encode(), digest_size=16).hexdigest()


def lane_of(subject: str, lanes: int) -> int:
    """Return the subject's lane, by the hash that the metering ledger groups subjects by."""
    return int.from_bytes(blake2b(subject.encode(), digest_size=8).digest()) % lanes


def hash_key_of(lane: int) -> str:
    """Return where a lane lies among the shards: the lane's bits in reverse, so that few lanes spread evenly, too.

    Kinesis would take the MD5 of the partition key, by which lanes 0 to 3 all fall into one quarter of the shards.
    """
    return str(int(f"{lane:0{_HASH_KEY_BITS}b}"[::-1], 2))
