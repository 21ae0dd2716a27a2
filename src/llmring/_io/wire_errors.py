"""What goes wrong between us and a host, named as the HTTP libraries name theirs; what follows from it is decided elsewhere."""

# ruff: noqa: N818 - the libraries' names, by which errors are told apart and translated

from __future__ import annotations


class WireError(Exception):
    """Whatever our own network fails with."""


class TimeoutException(WireError):
    """A wait was longer than it may be."""


class PoolTimeout(TimeoutException):
    """No connection became free."""


class ConnectTimeout(TimeoutException):
    """No connection came to stand, TLS included."""


class ReadTimeout(TimeoutException):
    """Nothing, or nothing more, arrived."""


class WriteTimeout(TimeoutException):
    """The host did not take what was sent."""


class NetworkError(WireError):
    """The connection is of no use."""


class ConnectError(NetworkError):
    """It never stood."""


class ReadError(NetworkError):
    """It broke while we read."""


class WriteError(NetworkError):
    """It broke while we wrote."""


class RemoteProtocolError(WireError):
    """The host does not keep to HTTP."""
