"""What all generated models share: reading by key, plain forms, the checks of their fields; the lowest floor."""

from llmring._base.depth import too_deep
from llmring._base.fields import canonical_json, ge, json_object, json_text, new_dict, new_list, one_of
from llmring._base.mixins import ToolCallReading, UsageReading
from llmring._base.places import joined, kind_of, near, wrong
from llmring._base.readable import Read, Readable, describe
from llmring._base.reading import (
    read_any,
    read_bool,
    read_bytes,
    read_decimal,
    read_either,
    read_float,
    read_int,
    read_items,
    read_list,
    read_literal,
    read_map,
    read_model,
    read_none,
    read_object,
    read_str,
    read_tagged,
)

__all__ = [
    "Read",
    "Readable",
    "ToolCallReading",
    "UsageReading",
    "canonical_json",
    "describe",
    "ge",
    "joined",
    "json_object",
    "json_text",
    "kind_of",
    "near",
    "new_dict",
    "new_list",
    "one_of",
    "read_any",
    "read_bool",
    "read_bytes",
    "read_decimal",
    "read_either",
    "read_float",
    "read_int",
    "read_items",
    "read_list",
    "read_literal",
    "read_map",
    "read_model",
    "read_none",
    "read_object",
    "read_str",
    "read_tagged",
    "too_deep",
    "wrong",
]
