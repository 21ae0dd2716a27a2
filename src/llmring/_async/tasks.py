"""What is done with one model of a pool: a call is made ready for it, carried, and understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs

from llmring._async.loading import AsyncLoader
from llmring._core.budget import hold
from llmring._core.fit import fit
from llmring._core.loading import attachments
from llmring._core.readying import wants_alternate
from llmring._core.weight import WEIGHTLESS, of_chat
from llmring._io.aio import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._async.engine import AsyncEngine
    from llmring._async.transport import AsyncTransport
    from llmring._core.asked import Asked
    from llmring._core.outcome import Walk
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout
    from llmring._core.weight import Weight
    from llmring._core.wire_call import PreparedCall
    from llmring._io.aio import Later

Got = TypeVar("Got")
Got_co = TypeVar("Got_co", covariant=True)


class AsyncTask(Protocol[Got_co]):
    """Something to do with the first model that can."""

    @property
    def alternate(self) -> bool:
        """Whether it takes the protocol that can say more."""
        ...

    @property
    def lasting(self) -> bool:
        """Whether it goes on after it was carried, as a stream does."""
        ...

    async def prepare(self, ready: Ready, walk: Walk, /) -> PreparedCall:
        """Make the call ready for one model, noting on *walk* what was lost."""
        ...

    def weight(self, ready: Ready, walk: Walk, /) -> Weight:
        """Say what the prepared call may take of what a ring and its providers allow."""
        ...

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> Got_co:
        """Send the call and understand what comes back."""
        ...


class AsyncLightTask:
    """What tasks have in common that neither stream nor cost anything."""

    alternate = False
    lasting = False

    def weight(self, _ready: Ready, _walk: Walk, /) -> Weight:
        """Weigh nothing."""
        return WEIGHTLESS


class AsyncChatTask(Generic[Got]):
    """Answer a chat call, as a whole or as a stream."""

    def __init__(
        self, engine: AsyncEngine, asked: Asked, start: Callable[[AsyncTransport, PreparedCall, Ready, Timeout], Later[Got]]
    ) -> None:
        """Answer *asked* by *start*; *engine* carries what has to go before."""
        self.lasting = asked.request.stream
        self._engine = engine
        self._asked = asked
        self._start = start
        self._loader = AsyncLoader(asked.request) if attachments(asked.request.messages) else None
        self.alternate = wants_alternate(asked.request)
        self._understands: Ready | None = None
        self._fitted = asked.request

    async def prepare(self, ready: Ready, walk: Walk) -> PreparedCall:
        """Load what the request points to, fit it to the model, then encode it."""
        request = self._asked.request
        if self._loader is not None:
            request = await self._loader.load(ready, self._asked.timeout.after(monotonic() - walk.began))
        if self.alternate:  # as whatever names files is
            from llmring._async.files import ensure

            request = await ensure(self._engine, self._asked, request, ready, walk)
        fitted = fit(request, ready.limits, self._asked.on_unsupported)
        walk.warnings, walk.prompt = fitted.warnings, fitted.prompt
        self._understands = ready
        self._fitted = fitted.request
        if fitted.first_call is not None or fitted.by_call:
            from llmring.protocols.emulation import emulated

            self._understands = attrs.evolve(ready, protocol=emulated(ready.protocol, fitted.first_call))
        if self._asked.max_cost is not None:
            hold(fitted.request, ready.name, ready.info, self._asked.max_cost, walk.when, spent=walk.spent)
        return ready.prepare(ready.protocol.encode(fitted.request, ready.candidate.model), fitted.request)

    def weight(self, ready: Ready, walk: Walk) -> Weight:
        """Weigh the request as it was fitted to the model."""
        return of_chat(self._fitted, ready.info, walk.when)

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> Got:
        """Begin the answer; calls may have to be read from its text."""
        return await self._start(transport, call, self._understands or ready, timeout)
