"""The door to advice: plain functions over a draft of one lockfile and over the registry, fit to be a model's tools; a user confirms."""

from __future__ import annotations

from llmring.advice.advisor import Advisor
from llmring.advice.calling import call, describe
from llmring.advice.draft import CaughtUp, Proposal

__all__ = ["Advisor", "CaughtUp", "Proposal", "call", "describe"]
