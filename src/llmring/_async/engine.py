"""The way of one call, down and up: plan, fit, encode, send, decode, parse, price; one walk serves answers and streams."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from llmring._async.exchange import AsyncOpening, answer, opening
from llmring._async.tasks import AsyncChatTask
from llmring._async.transport import AsyncTransport
from llmring._core.leaving import UNTOLD, estimated, labelled
from llmring._core.outcome import Walk, finished, repair_request, told
from llmring._core.recovery import delay, falls_back
from llmring._core.structured import parse
from llmring._core.weight import WEIGHTLESS
from llmring._io import aio, log
from llmring.exceptions import LLMRingError, ProviderError, SchemaValidationError

if TYPE_CHECKING:
    from types import ModuleType

    from llmring._async.tasks import AsyncTask
    from llmring._core.asked import Asked, Limits
    from llmring._core.plan import Candidate
    from llmring._core.target import Ready
    from llmring._core.wire_call import PreparedCall
    from llmring._gen.response import LLMResponse
    from llmring._io.gate import Turn
    from llmring._io.guards import Hold
    from llmring._io.shared import Core

Got = TypeVar("Got")


def load_protocol(name: str) -> ModuleType:
    """Import the protocol *name*, when a model first needs it."""
    return import_module(f"llmring.protocols.{name}")


class AsyncEngine:
    """What carries the calls of a ring and of all its copies."""

    def __init__(self, core: Core) -> None:
        """Work for *core*; nothing is connected yet."""
        self.core = core
        self._guards = core.guards
        self.transport = AsyncTransport(client=getattr(core, aio.CLIENT), tls=core.tls)

    async def chat(self, asked: Asked) -> LLMResponse[Any]:
        """Answer *asked* as a whole; one repair is tried where the answer does not fit the wanted form."""
        walk = self.walk(asked)
        response = await self._answered(asked, walk)
        wanted = asked.request.response_format
        if wanted is None:
            return response
        try:
            return attrs.evolve(response, parsed=parse(response, wanted))
        except SchemaValidationError as misfit:
            repaired = await self._answered(attrs.evolve(asked, request=repair_request(asked.request, misfit)), walk)
        return attrs.evolve(repaired, parsed=parse(repaired, wanted))

    def walk(self, limits: Limits) -> Walk:
        """Begin the way through the pool that *limits* names."""
        return Walk(self.core.plan(limits), aio.monotonic(), self.now())

    @staticmethod
    def now() -> datetime:
        """Give the moment by which prices are dated."""
        return datetime.now(UTC)

    def ready(self, candidate: Candidate, *, alternate: bool = False) -> Ready:
        """Resolve *candidate*, its protocol included."""
        return self.core.ready(candidate, load_protocol, alternate=alternate)

    async def _answered(self, asked: Asked, walk: Walk) -> LLMResponse[Any]:
        self._log(asked)
        response, ready = await self.noted(asked, walk, AsyncChatTask(self, asked, answer))
        if response.usage.total_tokens:
            done = finished(response, ready, walk, aio.monotonic())
        else:
            done = labelled(finished(estimated(response, 0, asked.request, UNTOLD), ready, walk, aio.monotonic()), walk)
        self.core.record(done)
        return done

    def ended(self, ready: Ready, walk: Walk, error: ProviderError | None, *, whole: bool) -> None:
        """Tell the guards of a stream that is *whole*, or that *error* broke off; one that was left tells nothing of its provider."""
        if error is not None:
            self._guards.failed(ready.candidate, walk.mark, error, aio.monotonic())
        elif whole and ready.candidate in self._guards.breakers:
            self._guards.succeeded(ready.candidate, walk.mark)

    async def open(self, asked: Asked, walk: Walk) -> tuple[AsyncOpening, Ready]:
        """Open the stream that answers *asked*."""
        self._log(asked)
        return await self.noted(asked, walk, AsyncChatTask(self, asked, opening))

    def _log(self, asked: Asked) -> None:
        if self.core.message_logging != "none" and log.wanted():
            log.request(asked.name, asked.request, self.core.message_logging)

    async def noted(self, limits: Limits, walk: Walk, task: AsyncTask[Got], *, kind: str = "chat") -> tuple[Got, Ready]:
        """Walk the pool as ``first`` does; a failure is told to the ledger, and what the last attempt holds is for the caller to settle."""
        try:
            return await self._walked(limits, walk, task)
        except BaseException as error:
            self.core.missed(error, walk, aio.monotonic(), kind=kind)
            raise

    async def first(self, limits: Limits, walk: Walk, task: AsyncTask[Got]) -> tuple[Got, Ready]:
        """Walk the pool until *task*, which costs nothing, succeeds with one of its models.

        Raises:
            LLMRingError: none did; the last error, with the others as notes and all attempts.

        """
        got, ready = await self._walked(limits, walk, task)
        walk.release()
        self.core.log(walk.attempts[-1])
        return got, ready

    async def _walked(self, limits: Limits, walk: Walk, task: AsyncTask[Got]) -> tuple[Got, Ready]:
        failures: list[LLMRingError] = []
        for candidate in walk.plan.candidates:
            try:
                return await self._try(limits, walk, candidate, task)
            except LLMRingError as error:
                failures.append(error)
                if not falls_back(error) or limits.timeout.spent(aio.monotonic() - walk.began):
                    break
        raise told(failures, walk)

    async def _try(self, limits: Limits, walk: Walk, candidate: Candidate, task: AsyncTask[Got]) -> tuple[Got, Ready]:
        """Try one model, again where recovery says so."""
        ready = self.ready(candidate, alternate=task.alternate)
        call = await task.prepare(ready, walk)
        for tried in count(1):
            try:
                return await self._attempt(limits, walk, task, call, ready), ready
            except ProviderError as error:
                wait = delay(error, tried, limits.policy, _dice())
                now = aio.monotonic()
                if wait is None or limits.timeout.spent(now + wait - walk.began) or self._guards.shut(candidate, now + wait):
                    raise
                await aio.sleep(wait)
        raise AssertionError  # pragma: no cover - count() never ends

    async def _attempt(self, limits: Limits, walk: Walk, task: AsyncTask[Got], call: PreparedCall, ready: Ready) -> Got:  # noqa: PLR0915 - each end of an attempt
        """Send *call* once, as soon as the guards let it through."""
        guards, model = self._guards, ready.candidate
        hold = await self._entered(limits, walk, task, ready) if guards.limited or model in guards.breakers else None
        began = aio.monotonic()
        try:
            got = await task.carry(self.transport, call, ready, limits.timeout.after(began - walk.began))
        except ProviderError as error:
            now = aio.monotonic()
            ready.dress(error)
            attempt = walk.failed(ready, error, now - began)
            self.core.record_loss(attempt)
            guards.failed(model, walk.mark, error, now)
            if hold is not None:
                hold.failed(error.retry_after, attempt)
            raise
        except BaseException:
            if hold is not None:
                hold.release()
            raise
        walk.succeeded(ready.name, aio.monotonic() - began)
        if model in guards.breakers:
            guards.succeeded(model, walk.mark, whole=not task.lasting)
        if hold is not None:
            hold.heard(getattr(got, "headers", None))
            walk.held = hold
        return got

    async def _entered(self, limits: Limits, walk: Walk, task: AsyncTask[Got], ready: Ready) -> Hold:
        """Wait until the guards let a call through, no longer than it may take in all."""
        guards = self._guards
        now = aio.monotonic()
        weight = task.weight(ready, walk) if guards.limited else WEIGHTLESS
        bell = aio.Bell()
        hold = guards.enter(ready, walk.mark, weight, bell, now)
        try:
            await self._turn(hold.turn, limits, walk, ready, bell)
            if ready.candidate in guards.breakers:
                guards.probe(ready, walk.mark, aio.monotonic())
        except BaseException:  # whose traceback would keep it
            hold.release()
            raise
        return hold

    async def _turn(self, turn: Turn | None, limits: Limits, walk: Walk, ready: Ready, bell: aio.Bell) -> None:
        """Wait for *turn*, where there are limits."""
        now = aio.monotonic()
        if turn is not None:
            from llmring._core.rates import no_turn, soonest

            while not turn.granted:
                left = limits.timeout.left(now - walk.began)
                await bell.wait(soonest(left, None if turn.wake is None else turn.wake - now))
                now = aio.monotonic()
                self._guards.serve(now)
                if not turn.granted and limits.timeout.spent(now - walk.began):
                    error = no_turn(ready.candidate.provider, limits.timeout.total)
                    ready.dress(error)
                    walk.failed(ready, error, now - walk.began)
                    raise error

    async def aclose(self) -> None:
        """Close every connection."""
        await self.transport.aclose()


def _dice() -> float:
    """Throw for jitter; by the system's own chance, for forked workers must not wait in step."""
    from random import SystemRandom

    return SystemRandom().random()
