"""Hold a conversation in which the model may look things up: ``python tool_loop.py [question]``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from llmring import LLMRing

if TYPE_CHECKING:
    from llmring import Message, ToolCall

STOCK = {"chair": 12, "table": 3, "lamp": 0}
TOOL = {
    "type": "function",
    "function": {
        "name": "look_up_stock",
        "description": "Tell how many pieces of a product are in stock.",
        "parameters": {
            "type": "object",
            "properties": {"product": {"type": "string", "enum": list(STOCK)}},
            "required": ["product"],
        },
    },
}
MOST_TURNS = 8


def look_up_stock(product: str) -> str:
    """Answer the one question that the tool is for."""
    return f"{STOCK.get(product, 0)} in stock"


def run(call: ToolCall) -> str:
    """Run *call*; a model that calls wrongly is told so, and may try again."""
    if call.name != "look_up_stock" or call.arguments is None or set(call.arguments) != {"product"}:
        return f"error: call look_up_stock with a product, not {call.name}({call.raw_arguments})"
    return look_up_stock(**call.arguments)


def main(question: str) -> None:
    """Ask *question*, run the tool as often as the model wants it, and print the answer."""
    messages: list[Message | dict[str, Any]] = [{"role": "user", "content": question}]
    with LLMRing() as ring:
        for _ in range(MOST_TURNS):
            response = ring.chat("fast", messages, tools=[TOOL])
            if response.message is None or not response.tool_calls:
                print(response.content)
                return
            messages.append(response.message)
            for call in response.tool_calls:
                result = run(call)
                print(f"{call.name}({call.raw_arguments}) -> {result}")
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    print(f"no answer after {MOST_TURNS} turns")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "Can I buy a lamp?")
