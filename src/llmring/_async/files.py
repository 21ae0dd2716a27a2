"""Registered files put into requests, and taken leave of; how one reaches a provider is told beside."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from llmring._async.file_tasks import AsyncDeleteTask
from llmring._async.sending import AsyncSending, patience
from llmring._core.file_parts import mentioned, placed
from llmring._core.outcome import Walk
from llmring._core.plan import Candidate, Plan
from llmring._core.uploads import undeleted
from llmring._io import aio
from llmring.exceptions import LLMRingError, ProviderTimeoutError, RequestError

if TYPE_CHECKING:
    from llmring._async.engine import AsyncEngine
    from llmring._core.asked import Limits
    from llmring._core.request import NormalRequest
    from llmring._core.target import Ready
    from llmring._core.uploads import Copy
    from llmring._io.uploads import Flight

AT_ONCE = 4
"""Files uploaded, or copies deleted, side by side."""


async def ensure(engine: AsyncEngine, limits: Limits, request: NormalRequest, ready: Ready, walk: Walk) -> NormalRequest:
    """Put in place of the registered files that *request* names what the model *ready* takes: copies at its provider, or content.

    Raises:
        RequestError: a file is not registered, not there any more, or empty.
        FileSizeError: one is larger than the provider takes.
        UnsupportedParameterError: the model does not take one of its kind.
        ProviderError: one could not be uploaded.

    """
    named = mentioned(request)
    if not named:
        return request
    sending = AsyncSending(engine, limits, ready, walk)
    ways = await aio.run_all([partial(sending.way, file_id, path) for file_id, path in named.items()], AT_ONCE)
    parts = await aio.run_all([partial(sending.part, way) for way in ways], AT_ONCE)
    return placed(request, dict(zip(named, parts, strict=True)))


async def deregister(engine: AsyncEngine, limits: Limits, file_id: str) -> None:
    """Delete every copy of *file_id* and forget it; where a copy stays, so does the file, and another try deletes the rest.

    Raises:
        RequestError: there is no such file.
        LLMRingError: a copy could not be deleted; that of the first, its text names all.

    """
    uploads = engine.core.uploads
    flights = uploads.part(file_id)
    gone = False
    try:
        for flight in flights:
            await _landed(flight, limits)
        copies = uploads.shelf.files[file_id].copies
        outcomes = await aio.run_all([partial(_deleted, engine, limits, file_id, copy) for copy in copies], AT_ONCE)
        failures = [(copy, error) for copy, error in zip(copies, outcomes, strict=True) if error is not None]
        if failures:
            raise undeleted(file_id, failures) from failures[0][1]
        gone = True
    finally:
        uploads.change(lambda shelf: shelf.dropped(file_id) if gone else shelf.parting(file_id, leaving=False))


async def _landed(flight: Flight, limits: Limits) -> None:
    """Wait for an upload that is under way, so that its copy is known.

    Raises:
        RequestError: it cannot go on while this thread waits, being a task of its loop.
        ProviderTimeoutError: it takes too long.

    """
    if not aio.may_join(flight):
        raise RequestError("a task of this thread's event loop is uploading the file; call aderegister_file() there")
    seconds = patience(limits.timeout)
    try:
        await aio.joined(flight, seconds)
    except TimeoutError:
        raise ProviderTimeoutError(f"an upload of the file is under way and did not end within {seconds:g} s") from None


async def _deleted(engine: AsyncEngine, limits: Limits, file_id: str, copy: Copy) -> LLMRingError | None:
    """Delete one copy, unless its time is over; give what kept it."""
    now = engine.now()
    if copy.received.expires is None or copy.received.expires > now.timestamp():
        walk = Walk(Plan((Candidate(copy.provider, ""),)), aio.monotonic(), now)
        try:
            await engine.first(limits, walk, AsyncDeleteTask(copy.received.file_id))
        except LLMRingError as error:
            return error
    engine.core.uploads.change(lambda shelf: shelf.without(file_id, copy))
    return None
