"""Decide what is said to an ask, in no provider's words: text, tool calls, JSON or reasoning, and what it costs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from llmring.testing.simulator.reading import compact, obj, pieces, tokens
from llmring.testing.simulator.schema_instance import instance
from llmring.testing.simulator.values import Answer, ToolUse

if TYPE_CHECKING:
    from llmring.testing.simulator.values import Ask, JsonObject

__all__ = ["answers"]

_OPENINGS: Final = (
    'You asked about "{topic}".',
    'Here is what I can say about "{topic}".',
    'Let me answer "{topic}" in a few words.',
    'On "{topic}" there is a short answer.',
)
_MIDDLES: Final = (
    "It depends on what you want to do with it, but the simple case comes first.",
    "Most people begin with the plain case and go on from there.",
    "There are three things to know, and the first one matters most.",
    "A small example says more than a long explanation would.",
)
_ENDINGS: Final = (
    "Tell me more and I can be more exact.",
    "I hope that this is of help.",
    "Would you like to see it step by step?",
    "That is all there is to it.",
)
_FILLER: Final = ["and", "then", "the", "next", "word", "follows", "the", "one", "before", "it", "while", "the", "stream", "goes", "on"]


def answers(ask: Ask) -> list[Answer]:
    """Answer *ask* as many times as it wants choices."""
    return [_answer(ask, at) for at in range(ask.n)]


def _answer(ask: Ask, at: int) -> Answer:
    draft = Answer(at=at, reasoning=_reasoning(ask) if ask.reasoning else "")
    if ask.steering.script is not None and ask.turns < len(ask.steering.script):
        turn = ask.steering.script[ask.turns]
        return _bounded(ask, replace(draft, text=turn.text, calls=turn.calls, finish="tool_calls" if turn.calls else "stop"))
    if ask.steering.finish in {"content_filter", "refusal"}:
        finish = "refusal" if ask.steering.finish == "refusal" else "content_filter"
        return _bounded(ask, replace(draft, text="I cannot help with that.", finish=finish))
    if calls := _calls(ask, at):
        return _bounded(ask, replace(draft, calls=calls, finish="tool_calls"))
    return _bounded(ask, replace(draft, text=_text(ask, at), finish="length" if ask.steering.finish == "length" else "stop"))


def _bounded(ask: Ask, draft: Answer) -> Answer:
    """Keep *draft* within the stop sequences and the limit of tokens, and count it; reasoning is paid first."""
    text = draft.text
    stopped = min((stop for stop in ask.stops if stop and stop in text), key=text.index, default=None)
    text = text[: text.index(stopped)] if stopped is not None else text
    thought = tokens(draft.reasoning)
    spoken = tokens(text) + sum(tokens(call.name + call.raw) for call in draft.calls)
    if ask.limit is None or thought + spoken <= ask.limit:
        return replace(draft, text=text, stopped_by=stopped, reasoning_tokens=thought, output_tokens=thought + spoken)
    left = max(0, ask.limit - thought)
    return replace(
        draft,
        reasoning=draft.reasoning[: ask.limit * 4],
        text=text[: left * 4],
        calls=tuple(_cut(call, left) for call in draft.calls[:1] if left),
        finish="length",
        reasoning_tokens=min(thought, ask.limit),
        output_tokens=ask.limit,
    )


def _cut(call: ToolUse, left: int) -> ToolUse:
    """Break off *call* when *left* tokens are said."""
    room = min(left * 4 - len(call.name), len(call.raw) - 1)
    return replace(call, raw=call.raw[: max(0, room)])


def _calls(ask: Ask, at: int) -> tuple[ToolUse, ...]:
    if not ask.tools or ask.choice == "none" or ask.results or ask.steering.say is not None:
        return ()
    wanted = ask.forced or ask.steering.tool
    offers = [offer for offer in ask.tools if offer.name == wanted] or list(ask.tools)
    count = (ask.steering.calls if ask.steering.calls is not None else 1) if ask.parallel else 1
    return tuple(_call(ask, offers[turn % len(offers)].name, offers[turn % len(offers)].schema, at, turn) for turn in range(count))


def _call(ask: Ask, name: str, schema: JsonObject, at: int, turn: int) -> ToolUse:
    arguments = obj(instance(schema or {"type": "object"}, ask.prompt, ask.dice("call", at, turn), skip=turn))
    return ToolUse(name=name, arguments=arguments, raw=compact(arguments), at=turn)


def _text(ask: Ask, at: int) -> str:
    dice = ask.dice("text", at)
    if ask.steering.say is not None:
        return ask.steering.say
    if ask.schema is not None:
        return compact(instance(ask.schema, ask.prompt, dice))
    if ask.json_mode:
        return compact({"answer": _topic(ask.prompt), "number": dice.randint(1, 100)})
    said = f"{dice.choice(_OPENINGS).format(topic=_topic(ask.prompt))} {dice.choice(_MIDDLES)} {dice.choice(_ENDINGS)}"
    if ask.results:
        said = f"The tool says: {' and '.join(_plain(result) for result in ask.results)}. {dice.choice(_ENDINGS)}"
    return _sized(said, ask.steering.words)


def _sized(said: str, words: int | None) -> str:
    if words is None:
        return said
    spoken = pieces(said)
    spoken += [" " + _FILLER[at % len(_FILLER)] for at in range(words - len(spoken))]
    return "".join(spoken[:words])


def _topic(prompt: str) -> str:
    words = prompt.replace('"', "").split()
    return " ".join(words[:8]).rstrip(".?!,;:") or "nothing"


def _plain(result: str) -> str:
    """Say a result that is a JSON string without its quotes."""
    if result.startswith('"'):
        try:
            return str(json.loads(result))
        except ValueError:
            return result
    return result.strip().rstrip(".")


def _reasoning(ask: Ask) -> str:
    dice = ask.dice("reasoning")
    ways = ("I should keep it short.", "The simple reading is the right one.", "Nothing speaks against a plain answer.")
    return f'The user says "{_topic(ask.prompt)}". Let me think about what is wanted. {dice.choice(ways)}'
