"""Get what a request only points to: files of this machine, and addresses that the ring may fetch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from llmring._core.addresses import VARIABLE, Permission
from llmring._core.inline import Content
from llmring._core.loading import Taker, attachments, filled, need
from llmring._io.aio import environment, run_all, run_sync
from llmring._io.attached import read_attached

if TYPE_CHECKING:
    from llmring._core.loading import Need
    from llmring._core.request import NormalRequest
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout

AT_ONCE = 8
"""Files read, or addresses fetched, side by side."""


class AsyncLoader:
    """Loads the attachments of one request, for each model that is tried; nothing is read twice."""

    def __init__(self, request: NormalRequest) -> None:
        """Look for the attachments of *request*."""
        self._request = request
        self._places = attachments(request.messages)
        self._got: dict[str, Content] = {}

    async def load(self, ready: Ready, timeout: Timeout) -> NormalRequest:
        """Give the request as the model *ready* can take it; fetching ends with *timeout*.

        Raises:
            InvalidMessageError: something is missing, malformed or must not be fetched; the error names its path.
            FileSizeError: something is larger than the provider takes.

        """
        taker = Taker(ready.limits, ready.endpoint.entry["limits"], Permission.read(environment().get(VARIABLE)))
        needs = {found.where: found for place in self._places if (found := need(place, taker)) is not None}
        await self._get([found for where, found in needs.items() if where not in self._got], taker.permission, timeout)
        return filled(self._request, self._places, {where: self._got[where] for where in needs}, taker)

    async def _get(self, needs: list[Need], permission: Permission, timeout: Timeout) -> None:
        """Read and fetch what is not here yet."""
        files = [found for found in needs if found.kind == "file"]
        contents = await run_all([partial(_read, found) for found in files], AT_ONCE)
        self._got.update(zip([found.where for found in files], contents, strict=True))
        addresses = [found for found in needs if found.kind == "address"]
        if not addresses:
            return
        from llmring._async.fetching import AsyncFetcher

        fetcher = AsyncFetcher(permission, timeout)
        try:
            contents = await run_all([partial(fetcher.fetch, found) for found in addresses], AT_ONCE)
        finally:
            await fetcher.aclose()
        self._got.update(zip([found.where for found in addresses], contents, strict=True))


async def _read(found: Need) -> Content:
    """Read a file, away from any event loop."""
    return Content(await run_sync(read_attached, found))
