"""A port that dies at one call of all ports, before or after the call has done its work."""


class MortalPort:
    """`countdown` is shared by the ports: the call that brings it to zero dies."""

    def __init__(self, port: object, countdown: list[int], *, after: bool) -> None:
        self._port, self._countdown, self._after = port, countdown, after

    def __getattr__(self, name: str) -> object:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute

        def call(*given: object, **named: object) -> object:
            self._countdown[0] -= 1
            dies = self._countdown[0] == 0
            if dies and not self._after:
                raise ConnectionError(name)
            result = attribute(*given, **named)
            if dies:
                raise ConnectionError(name)
            return result

        return call
