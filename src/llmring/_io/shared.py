"""What a ring, its twin and its copies share: configuration, names, registry, totals; connections belong to the engines."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from llmring._core.allowance import Allowance
from llmring._core.plan import Book
from llmring._core.settings import Settings
from llmring._io.desk import Desk
from llmring._io.environment import environment
from llmring._io.lockfiles import line_in, read
from llmring._io.locks import new_lock
from llmring._io.tls import TLS
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from types import ModuleType

    import httpx
    import httpx2

    from llmring._core.asked import Limits
    from llmring._core.defaults import Defaults
    from llmring._core.outcome import Walk
    from llmring._core.plan import Candidate, Plan
    from llmring._core.registry import Registry
    from llmring._core.target import Ready
    from llmring._core.totals import Totals
    from llmring._gen.beside import EmbeddingResponse
    from llmring._gen.message import Message
    from llmring._gen.response import Attempt, LLMResponse
    from llmring._gen.usage import Cost, Usage
    from llmring._io.guards import Guards
    from llmring._io.late import Late
    from llmring._io.ledgers import Recorder
    from llmring._io.uploads import Uploads

    AwaitedClient = httpx2.AsyncClient | httpx.AsyncClient
    """A client of the user's own for asynchronous calls; named so that both twins say the same."""
    BlockingClient = httpx2.Client | httpx.Client
    """A client of the user's own for blocking calls."""

_MOST_UNCOUNTED = 64
"""Exchanges whose usage may wait to be added up."""
_KEPT = 1024
"""How many resolved models are remembered."""


class Core:
    """Everything behind a ring that does not wait."""

    def __init__(  # noqa: PLR0913, PLR0915 - the constructor's settings, keyword-only; one statement for each thing that is shared
        self,
        *,
        lockfile_path: str | PathLike[str] | None,
        profile: str | None,
        providers: Mapping[str, Mapping[str, Any]] | None,
        http_client: BlockingClient | None,
        async_http_client: AwaitedClient | None,
        origin: str = "llmring",
        ledger: str | PathLike[str] | bool | None = None,
        registry: str | PathLike[str] | None = None,
        http2: bool = False,
        allowance: Allowance | None = None,
        message_logging: str = "none",
    ) -> None:
        """Read the lockfile and judge the settings; no network, no provider code.

        Raises:
            ConfigurationError: lockfile or settings are wrong.

        """
        if message_logging not in ("none", "metadata", "full"):
            raise ConfigurationError(f"message_logging must be 'none', 'metadata' or 'full', not {message_logging!r}")
        self.message_logging = message_logging
        self.environment = environment()
        self.settings = Settings(providers)
        self.fixed = frozenset(self.settings.canonical(name) for name, options in (providers or {}).items() if options.get("protocol"))
        """Providers whose protocol the user chose."""
        found = read(lockfile_path, self.environment)
        self.book = Book(
            found.lock,
            path=found.path,
            providers=self.settings.names,
            extended=found.extended,
            profile=profile,
            environment=self.environment,
            line=partial(line_in, found.path),
        )
        self.http_client = http_client
        self.async_http_client = async_http_client
        self.tls = TLS(http2=http2)
        self.desk = Desk()
        self._allowance = allowance or Allowance()
        self.rates = self._allowance.rates(found.lock["limits"], found.path, self.settings.canonical)
        self._lock = new_lock()
        self._engines: dict[type[Any], Any] = {}
        self._ready: dict[tuple[str, str, bool], Ready] = {}
        self._totals: Totals | None = None
        self._uncounted: deque[tuple[Usage, Cost | None, int]] = deque()
        """What was used, and for how many answers, yet to be counted: folding many at once costs a call next to nothing."""
        self._untold: deque[tuple[LLMResponse[Any] | EmbeddingResponse, str, str]] = deque()
        """What the log and the ledger, where they listen, are to be told, with the kind of its call and how that ended."""
        self._uploads: Uploads | None = None
        self._guards: Guards | None = None
        self.origin = origin
        self.late: Late | None = None
        self.recorder = self._recorder(ledger)
        self._registry_place = self._named_registry(registry)
        self._registry: Registry | None = None

    def _recorder(self, ledger: str | PathLike[str] | bool | None) -> Recorder | None:  # noqa: FBT001 - the constructor's word
        """Give what keeps a ledger, where one is wanted."""
        if ledger is False or (ledger is None and not self.environment.get("LLMRING_LEDGER")):
            return None
        from llmring._io.late import Late
        from llmring._io.ledger_files import place
        from llmring._io.ledgers import Recorder

        path = place(ledger, self.environment)
        if path is None:
            return None
        self.late = Late(self._untold, self.origin)
        return Recorder(path, self.late)

    def _named_registry(self, registry: str | PathLike[str] | None) -> str | None:
        """Give the path or address of the registry, None for the bundled one."""
        if registry is None and not self.environment.get("LLMRING_REGISTRY_URL"):
            return None
        from llmring._io.registries import chosen

        return chosen(registry, self.environment)

    def engine(self, kind: type[Any]) -> Any:
        """Give the one engine of *kind*, made when it is first asked for."""
        engine = self._engines.get(kind)
        if engine is None:
            with self._lock:
                engine = self._engines.get(kind)
                if engine is None:
                    engine = self._engines[kind] = kind(self)
        return engine

    def made(self, kind: type[Any]) -> Any:
        """Give the engine of *kind* if there is one already."""
        return self._engines.get(kind)

    def plan(self, asked: Limits) -> Plan:
        """Give the models that *asked* may be answered by, in order."""
        return self.book.plan(asked.name, asked.profile)

    def ready(self, candidate: Candidate, load: Callable[[str], ModuleType], *, alternate: bool = False) -> Ready:
        """Resolve *candidate*; *load* gives the module of a protocol, *alternate* asks for the one that can say more.

        Raises:
            MissingAPIKeyError: its provider needs a key, and there is none.
            ConfigurationError: its provider is not reachable as configured.

        """
        key = (candidate.provider, candidate.model, alternate)
        ready = self._ready.get(key)
        if ready is None:
            from llmring._core.readying import make_ready, protocol_for

            endpoint = self.settings.endpoint(candidate.provider, self.environment)
            info = self.registry.find(candidate.provider, candidate.model)
            name = protocol_for(endpoint, info, alternate=key[2], fixed=candidate.provider in self.fixed)
            ready = make_ready(candidate, endpoint, info, load(name))
            if len(self._ready) >= _KEPT:
                self._ready = {}
            self._ready[key] = ready
        return ready

    @property
    def registry(self) -> Registry:
        """The registry of models, read when it is first needed.

        Raises:
            RegistryError: the ring's own cannot be read.

        """
        if self._registry is None:
            from llmring._io.registries import in_force

            self._registry = in_force(self._registry_place, self.environment)
        return self._registry

    @property
    def uploads(self) -> Uploads:
        """The registered files and their copies at providers."""
        if self._uploads is None:
            from llmring._io.uploads import Uploads

            made = Uploads()
            with self._lock:
                self._uploads = self._uploads or made
        return self._uploads

    @property
    def guards(self) -> Guards:
        """What stands between the calls and their providers."""
        if self._guards is None:
            from llmring._io.guards import Guards

            made = Guards(self.desk, self._allowance.max_cost, self._allowance.max_concurrency, self.rates)
            return self.desk.ask(lambda: self._keep(made))
        return self._guards

    def _keep(self, made: Guards) -> Guards:
        self._guards = self._guards or made
        return self._guards

    def record(
        self, response: LLMResponse[Any] | EmbeddingResponse, *, kind: str = "chat", outcome: str = "ok", later: bool = False
    ) -> None:
        """Add *response* to the totals, and to the ledger if one is kept; *outcome* says how it ended.

        *later* takes no lock and leaves the telling to the next who asks or records: the collector may call in the middle of anything.
        """
        from llmring._io import log

        self._uncounted.append((response.usage, response.cost, 1))
        if self.recorder is not None or log.wanted():
            self._untold.append((response, kind, outcome))
        if not later:
            if self._untold:
                self._tell()
            if len(self._uncounted) > _MOST_UNCOUNTED:
                self._count()

    def record_loss(self, attempt: Attempt) -> None:
        """Log an *attempt* that failed, and add to the totals what it used all the same."""
        if attempt.usage is not None:
            self._uncounted.append((attempt.usage, attempt.cost, 0))
        self.log(attempt)

    def log(self, attempt: Attempt, message: Message | None = None) -> None:
        """Tell the log of an *attempt*, and of the *message* that it brought as much as was asked for."""
        from llmring._io import log

        if log.wanted():
            log.attempt(attempt, message=message, how=self.message_logging)

    def _count(self) -> Totals:
        """Count what is not counted yet, and give the totals."""
        from llmring._core.totals import Totals

        spent: list[tuple[Usage, Cost | None, int]] = []
        with self._lock:
            while self._uncounted:
                spent.append(self._uncounted.popleft())
            totals = self._totals or Totals()
            self._totals = totals = totals.plus(spent) if spent else totals
        return totals

    def _tell(self) -> None:
        """Tell log and ledger what they were not told yet."""
        recorder = self.recorder
        while self._untold:
            try:
                response, kind, outcome = self._untold.popleft()
            except IndexError:  # another thread told it
                return
            if response.attempts:
                self.log(response.attempts[-1], getattr(response, "message", None))
            if recorder is not None:
                from datetime import UTC, datetime

                from llmring._core.ledger import answered

                recorder.add(answered(response, self.origin, datetime.now(UTC), kind=kind, outcome=outcome))

    def missed(self, error: BaseException, walk: Walk, now: float, *, kind: str = "chat") -> None:
        """Tell the ledger, if one is kept, that *error* ended a call at *now* on the clock that measures."""
        if self.recorder is not None:
            from datetime import UTC, datetime

            from llmring._core.ledger import failed

            self.recorder.add(failed(error, walk, self.origin, datetime.now(UTC), kind=kind, latency=now - walk.began))

    def flush(self) -> None:
        """Wait until the ledger, if one is kept, has every call so far; warn where it could not be written."""
        self._tell()
        recorder = self.recorder
        if recorder is not None and (not recorder.flush() or recorder.faults):
            import warnings

            reason = "; ".join(recorder.faults) or f"{recorder.path} takes too long"
            warnings.warn(f"calls are missing from the ledger: {reason}", RuntimeWarning, stacklevel=3)

    @property
    def totals(self) -> Totals:
        """What all calls together used and cost so far."""
        self._tell()
        return self._count()


class Shared:
    """A ring's view of its core: the core, and what the ring applies by default."""

    __slots__ = ("core", "defaults")

    def __init__(self, core: Core, defaults: Defaults) -> None:
        """Join *core* and *defaults*."""
        self.core = core
        self.defaults = defaults
