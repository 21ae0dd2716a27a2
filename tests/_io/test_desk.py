"""What many threads and finalisers bring to a desk is done once each, one thing at a time."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from llmring._io.desk import Desk


def test_every_step_is_done_once() -> None:
    """Threads that hand in and threads that ask lose nothing."""
    desk = Desk()
    done: list[int] = []

    def bring(number: int) -> None:
        if number % 3:
            desk.hand_in(lambda: done.append(number))
        else:
            desk.ask(lambda: done.append(number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bring, range(2000)))
    assert sorted(done) == list(range(2000))


def test_asking_sees_what_was_handed_in() -> None:
    """Also what came in while another was at the desk."""
    desk = Desk()
    done: list[str] = []

    def busy() -> None:
        desk.hand_in(lambda: done.append("handed in"))
        done.append("asked")

    desk.ask(busy)
    assert done == ["asked", "handed in"]
    assert desk.ask(lambda: list(done)) == done


def test_a_finaliser_may_hand_in_at_any_moment() -> None:
    """Though it runs in the very thread that is at the desk."""
    desk = Desk()
    done: list[str] = []

    class Thing:
        def __del__(self) -> None:
            desk.hand_in(lambda: done.append("collected"))

    def drop() -> None:
        cycle: list[Any] = [Thing()]
        cycle.append(cycle)
        del cycle
        gc.collect()

    desk.ask(drop)
    assert done == ["collected"]
