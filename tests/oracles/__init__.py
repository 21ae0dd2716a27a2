"""Hold bodies to the request types of the official SDKs; the SDKs are imported when a body is first held to theirs."""

from tests.oracles.bodies import check_body, faults

__all__ = ["check_body", "faults"]
