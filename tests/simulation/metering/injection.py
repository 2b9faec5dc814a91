"""Every call to a port goes through here: the one place where faults enter, and where the trace is written."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.simulation.metering.faults import Died, FaultKind, Faults, ServiceError

CALLS_THROTTLED = 2  # beyond the first one

# Calls that write many things at once. The first half is all that PARTIAL lets through.
SPLIT_METHODS = frozenset({"put_records", "write", "park", "mark_released"})


def is_applicable(kind: FaultKind, site: str) -> bool:
    return kind is not FaultKind.PARTIAL or site.rpartition(".")[2] in SPLIT_METHODS


class Injector:
    """Lets calls through, or does to them what the faults say. `meanwhile` is what others do when a call is slow."""

    def __init__(self, faults: Faults, trace: Callable[[str], None], meanwhile: Callable[[], None]) -> None:
        self.faults: Faults | None = faults
        self.sites: list[str] = []
        self.healed_at = 0
        self.outage = ""  # calls whose site begins so fail until it is over
        self.hits: Counter[tuple[str, FaultKind]] = Counter()
        self._trace = trace
        self._meanwhile = meanwhile
        self._throttled: Counter[str] = Counter()

    def heal(self) -> None:
        self.faults = None
        self.healed_at = len(self.sites)
        self.outage = ""
        self._throttled.clear()

    def call(self, site: str, perform: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        number = len(self.sites)
        self.sites.append(site)
        kind = self._kind_at(number, site)
        if kind:
            self._trace(f"{number} {site} {kind}")
            self.hits[site, kind] += 1
            result = self._suffer(kind, site, perform, args, kwargs)
        else:
            result = _settled(perform(*args, **kwargs))
        self._trace(f"{number} {site} -> {_shown(result)}")
        return iter(result) if isinstance(result, _Yielded) else result

    def _kind_at(self, number: int, site: str) -> FaultKind | None:
        if self.faults is None:
            return None
        if self.outage and site.startswith(self.outage):
            return FaultKind.ERROR_BEFORE
        if self._throttled[site] > 0:
            self._throttled[site] -= 1
            return FaultKind.THROTTLE
        kind = self.faults.at(number)
        if kind is FaultKind.THROTTLE:
            self._throttled[site] = CALLS_THROTTLED
        return kind if kind is None or is_applicable(kind, site) else FaultKind.ERROR_BEFORE

    def _suffer(
        self,
        kind: FaultKind,
        site: str,
        perform: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        match kind:
            case FaultKind.ERROR_BEFORE | FaultKind.THROTTLE:
                raise ServiceError(f"{kind}: {site}")
            case FaultKind.CRASH_BEFORE:
                raise Died(site)
            case FaultKind.CRASH_AFTER:
                _settled(perform(*args, **kwargs))
                raise Died(site)
            case FaultKind.TIMEOUT_AFTER_COMMIT:
                _settled(perform(*args, **kwargs))
                raise ServiceError(f"{kind}: {site}")
            case FaultKind.SENT_TWICE:
                _settled(perform(*args, **kwargs))
                return _settled(perform(*args, **kwargs))
            case FaultKind.PARTIAL:
                return _in_part(site, perform, args, kwargs)
            case FaultKind.SLOW_REQUEST:
                self._meanwhile()
                return _settled(perform(*args, **kwargs))
            case FaultKind.SLOW_REPLY:
                result = _settled(perform(*args, **kwargs))
                self._meanwhile()
                return result


class Injected:
    """A port whose every method may fail."""

    def __init__(self, site: str, port: object, injector: Injector) -> None:
        self._site = site
        self.watched = port
        self._injector = injector

    def __getattr__(self, method: str) -> Callable[..., Any]:
        site = f"{self._site}.{method}"

        def call(*args: Any, **kwargs: Any) -> Any:
            # Looked up at the call: a planted bug may have replaced it.
            return self._injector.call(site, getattr(self.watched, method), args, kwargs)

        self.__dict__[method] = call
        return call


class _Yielded(list[Any]):
    """What an iterator yielded: it is read to its end at once, so that a stale answer is one."""


def _settled(result: Any) -> Any:
    return _Yielded(result) if isinstance(result, Iterator) else result


def _in_part(site: str, perform: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Do the first half of many. Kinesis answers which ones it refused; whoever else does not, raises."""
    if "Records" in kwargs:
        records = kwargs["Records"]
        answer = perform(**{**kwargs, "Records": records[: len(records) // 2]})
        refused = [{"ErrorCode": "ProvisionedThroughputExceededException"}] * (len(records) - len(records) // 2)
        return {"Records": [*answer["Records"], *refused]}
    many = args[-1] if isinstance(args[-1], Mapping) else args[0]
    half = dict(list(many.items())[: len(many) // 2]) if isinstance(many, Mapping) else many[: len(many) // 2]
    if half:
        perform(*[half if one is many else one for one in args], **kwargs)
    raise ServiceError(f"partial: {site}")


def _shown(result: Any) -> str:
    """Say briefly what came back, the same in every process: nothing of what has no order."""
    if result is None or isinstance(result, bool | int | str):
        return repr(result)
    if isinstance(result, Sequence | Mapping | set | frozenset):
        return f"{len(result)} of {type(result).__name__.strip('_').lower()}"
    return type(result).__name__
