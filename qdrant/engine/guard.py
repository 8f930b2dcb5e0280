"""An engine's object whose methods are all called through a function of ours, so that no error passes it by."""

from collections.abc import Callable
from functools import partial
from typing import Any


class Guard:
    """Stands in front of `target`; `call` gets the method with its arguments bound, and its name."""

    def __init__(self, target: Any, call: Callable[[Callable[[], Any], str], Any]) -> None:
        self._target = target
        self._call = call

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        return lambda *args, **kwargs: self._call(partial(method, *args, **kwargs), name)
