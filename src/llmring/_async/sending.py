"""One call's registered files on their way to one model: looked at, read, hashed, uploaded once however many want them."""

from __future__ import annotations

import copy
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import attrs

from llmring._async.file_tasks import UPLOADING, AsyncLookTask, AsyncUploadTask, files_api
from llmring._core.addresses import Permission
from llmring._core.file_parts import check_size, part_for, uploaded_as
from llmring._core.fit_content import check_pages
from llmring._core.inline import Content, settled
from llmring._core.loading import Taker
from llmring._core.outcome import Walk
from llmring._core.plan import Plan
from llmring._core.uploads import PATIENCE, Copy, pause
from llmring._io import aio
from llmring._io.uploads import look, read, told
from llmring.exceptions import LLMRingError, ProviderTimeoutError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._async.engine import AsyncEngine
    from llmring._async.tasks import AsyncTask
    from llmring._core.asked import Limits
    from llmring._core.inline import Attachment
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout
    from llmring._core.uploads import Kept
    from llmring._io.uploads import Flight

Got = TypeVar("Got")


@attrs.frozen
class Way:
    """How one file goes."""

    kept: Kept
    """The file, as it was just found."""
    path: str
    """Where the request names it."""
    media_type: str | None
    """What it is uploaded as; None where its content goes into the request."""


class AsyncSending:
    """The registered files of one call, on their way to one model."""

    def __init__(self, engine: AsyncEngine, limits: Limits, ready: Ready, walk: Walk) -> None:
        """Send files to the provider of *ready* within *limits*, noting on *walk* what failed."""
        self._engine = engine
        self._limits = limits
        self._ready = ready
        self._walk = walk
        self._uploads = engine.core.uploads
        self._most: int | None = ready.endpoint.entry["limits"].get("file_bytes")

    async def way(self, file_id: str, path: str) -> Way:
        """Look at the file *file_id*, which is named at *path*, and decide how it goes; nothing is sent yet."""
        kept = self._uploads.shelf.find(file_id, path)
        kept = attrs.evolve(kept, look=await _off_the_loop(look, kept, path))
        target = self._ready.limits
        media_type = uploaded_as(kept, path, target, files_api(self._ready).taken if target.protocol in UPLOADING else None)
        if media_type is not None:
            check_size(kept, path, target.name, self._most)
        return Way(kept, path, media_type)

    async def part(self, way: Way) -> Attachment:
        """Give what stands for one file: its copy, or its content."""
        if way.media_type is not None:
            return part_for(way.kept, await self._copy(way, way.media_type))
        part = part_for(way.kept, None)
        most = Taker(self._ready.limits, self._ready.endpoint.entry["limits"], Permission()).most(part)
        check_size(way.kept, way.path, self._ready.name, most)
        _, data, _ = await _off_the_loop(read, way.kept, way.path)
        return settled(part, {way.kept.path: Content(data)}, way.path, most)[0]

    async def _copy(self, way: Way, media_type: str) -> Copy:
        """Give the copy at the provider; it is brought there unless it is there, or another call is at it."""
        while (found := self._present(way)) is None:
            flight, own = self._uploads.board(self._key(way), aio.may_join)
            if own:
                return await self._flown(way, media_type, flight)
            outcome = await self._joined(flight, way)
            if isinstance(outcome, LLMRingError):
                raise copy.copy(outcome)
            if outcome is not None:
                return outcome
        return found

    def _key(self, way: Way) -> tuple[str, str]:
        return way.kept.id, self._ready.endpoint.name

    def _present(self, way: Way) -> Copy | None:
        """Give the copy that is there, if the file surely is as it was then."""
        kept = self._uploads.shelf.find(way.kept.id, way.path)
        found = kept.copy_at(self._ready.endpoint.name, self._now()) if kept.unchanged(way.kept.look) else None
        return found if found is not None and found.received.ready else None

    def _now(self) -> float:
        return self._engine.now().timestamp()

    async def _joined(self, flight: Flight, way: Way) -> Copy | LLMRingError | None:
        """Wait for what another call brings."""
        seconds = patience(self._limits.timeout.after(aio.monotonic() - self._walk.began))
        try:
            return await aio.joined(flight, seconds)
        except TimeoutError:
            error = ProviderTimeoutError(f"{way.path}: another call is uploading {way.kept.path} and did not end within {seconds:g} s")
            self._ready.dress(error)
            raise error from None

    async def _flown(self, way: Way, media_type: str, flight: Flight) -> Copy:
        """Bring the copy, and tell all who wait for *flight* how that ended; a limit or an end of this call's own is not theirs."""
        outcome: Copy | LLMRingError | None = None
        try:
            outcome = brought = await self._brought(way, media_type)
        except LLMRingError as error:
            outcome = None if isinstance(error, ProviderTimeoutError) else error
            raise
        finally:
            self._uploads.land(self._key(way), flight, outcome)
        return brought

    async def _brought(self, way: Way, media_type: str) -> Copy:
        """Read the file, and upload it unless the provider holds just this content."""
        found = self._present(way)
        if found is not None:
            return found
        seen, data, digest = await _off_the_loop(read, way.kept, way.path)
        check_size(attrs.evolve(way.kept, look=seen), way.path, self._ready.name, self._most)
        check_pages(data, way.path, self._ready.limits)
        self._uploads.change(lambda shelf: shelf.read(way.kept.id, seen, digest))
        found = self._uploads.shelf.find(way.kept.id, way.path).copy_at(self._ready.endpoint.name, self._now())
        if found is None:
            received = await self._asked(AsyncUploadTask(way.kept.name, media_type, data, digest))
            found = Copy(provider=self._ready.endpoint.name, digest=digest, media_type=media_type, received=received)
            self._hold(way, found)
        return found if found.received.ready else await self._prepared(way, found)

    async def _prepared(self, way: Way, found: Copy) -> Copy:
        """Wait until the provider has prepared the file.

        Raises:
            ProviderTimeoutError: it takes too long; a later call goes on waiting, nothing is uploaded again.

        """
        seconds = min(PATIENCE, patience(self._limits.timeout.after(aio.monotonic() - self._walk.began)) or PATIENCE)
        until = aio.monotonic() + seconds
        for asked in count():
            await aio.sleep(pause(asked))
            found = attrs.evolve(found, received=await self._asked(AsyncLookTask(found.received.file_id)))
            self._hold(way, found)
            if found.received.ready:
                return found
            if aio.monotonic() >= until:
                break
        error = ProviderTimeoutError(f"{way.path}: {way.kept.path} was uploaded, but not ready for use within {seconds:g} s")
        self._ready.dress(error)
        raise error

    def _hold(self, way: Way, found: Copy) -> None:
        self._uploads.change(lambda shelf: shelf.holding(way.kept.id, found))

    async def _asked(self, task: AsyncTask[Got]) -> Got:
        """Do *task* at the provider, again where that may help; what failed counts among the attempts of the call."""
        walk = Walk(Plan((self._ready.candidate,)), self._walk.began, self._walk.when)
        try:
            got, _ = await self._engine.first(self._limits, walk, task)
        finally:
            self._walk.attempts += [each for each in walk.attempts if each.outcome != "ok"]
        return got


def patience(timeout: Timeout) -> float | None:
    """Give the seconds that *timeout* leaves for something that is not an attempt of the call's own; None for no limit."""
    return min((limit for limit in (timeout.attempt, timeout.total) if limit is not None), default=None)


async def _off_the_loop(get: Callable[[str], Got], kept: Kept, path: str) -> Got:
    """Get something of a file, away from any event loop.

    Raises:
        RequestError: it is not there any more, or cannot be read.

    """
    try:
        return await aio.run_sync(get, kept.path)
    except (OSError, ValueError) as error:
        again = f"put it back, or call deregister_file({kept.id!r})"
        raise RequestError(f"{path}: {kept.path}, registered as {kept.id}, cannot be read: {told(error)}; {again}", path=path) from error
