"""Work in parts, on several processes where there is enough of it."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import starmap
from multiprocessing import current_process, get_context
from typing import Any, Protocol, TypeVar

_Result = TypeVar("_Result")
_WORTH = 40_000  # records; below it starting processes costs more than it brings
_MOST = 4


class Crew(Protocol):
    """Runs one function over many arguments; answers come in their order."""

    def __call__(
        self, task: Callable[..., _Result], parts: Iterable[tuple[Any, ...]]
    ) -> Iterator[_Result]:
        """Answer each part."""
        ...


def _alone(task: Callable[..., _Result], parts: Iterable[tuple[Any, ...]]) -> Iterator[_Result]:
    return starmap(task, parts)


@contextmanager
def crew(size: int) -> Iterator[Crew]:
    """Offer processes for so many records; a few are done by this process itself."""
    hands = min(_MOST, os.cpu_count() or 1)
    if size < _WORTH or hands < 2 or current_process().daemon:
        yield _alone
        return
    # Started afresh, not forked: the server has threads, whose locks a fork would copy.
    with ProcessPoolExecutor(hands, mp_context=get_context("spawn")) as pool:

        def share(
            task: Callable[..., _Result], parts: Iterable[tuple[Any, ...]]
        ) -> Iterator[_Result]:
            waiting: deque[Future[_Result]] = deque()
            for part in parts:
                waiting.append(pool.submit(task, *part))
                if len(waiting) > 2 * hands:  # parts are large: only a few wait at a time
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

        yield share
