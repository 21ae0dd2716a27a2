"""What a scenario is: who is asked, what, and in which way; which scenarios there are stands in the tables beside this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Capability, Protocol

KEY: Final = "any-key"
"""What the simulator is shown; no cassette may hold it."""
PROVIDERS: Final[Mapping[Protocol, str]] = {
    "openai_chat": "openai",
    "openai_responses": "openai",
    "anthropic_messages": "anthropic",
    "gemini_generate": "google",
    "ollama_chat": "ollama",
}
"""Each protocol, and the provider that is asked in it."""


@attrs.frozen(kw_only=True)
class Talk:
    """What is asked, in unified terms that every protocol has words for."""

    messages: Any = "Say hello in five words."
    options: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    shows: tuple[Capability, ...] = ()
    """The cells of the capability matrix that it is evidence for; it needs all of them."""
    model: str = "plain"
    """Which of a provider's models: `MODELS` has its name."""
    simulate: str = ""
    """How the simulator is to answer."""
    key: str = KEY
    simulated: bool = False
    """Whether only the simulator can be asked it: no provider fails when told to."""
    fails: bool = False
    """Whether the outcome is an error."""
    whole: bool = True
    """Whether it is asked for a whole answer."""
    stream: bool = False
    """Whether it is asked for a stream."""


@attrs.frozen(kw_only=True)
class Scenario:
    """One exchange with one provider, by one protocol."""

    name: str
    protocol: Protocol
    talk: Talk
    stream: bool
    model: str
    """The provider's own name for it."""
    options: Mapping[str, Any]
    """Those of the talk, and what the protocol insists on."""
    vendor: str | None = None
    """Who is asked, where that is not the usual provider of the protocol."""

    @property
    def provider(self) -> str:
        """The name of the provider."""
        return self.vendor or PROVIDERS[self.protocol]

    @property
    def reference(self) -> str:
        """What to give a ring: ``provider:model``."""
        return f"{self.provider}:{self.model}"

    @property
    def headers(self) -> dict[str, str]:
        """What tells the simulator how to answer."""
        return {"x-simulate": self.talk.simulate} if self.talk.simulate else {}

    def __str__(self) -> str:
        """Give protocol and name, as its cassette is filed."""
        return f"{self.protocol}/{self.name}"
