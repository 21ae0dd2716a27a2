"""Let vcrpy stand in the way of a ring's transport: taking down what goes by, or saying it again with no server up."""

from __future__ import annotations

import contextlib
import socket
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tests.recording.tape import packed, readable

if TYPE_CHECKING:
    from collections.abc import Generator

    import pytest

    from tests.recording.tape import Cassette

vcr: Any = import_module("vcr")
_errors: Any = import_module("vcr.persisters.filesystem")
_requests: Any = import_module("vcr.request")

KEPT_OF_REQUESTS: Final = frozenset({"content-type", "accept", "anthropic-version", "anthropic-beta"})
KEPT_OF_RESPONSES: Final = frozenset({"content-type", "retry-after", "retry-after-ms", "x-should-retry", "x-request-id", "request-id"})
MATCHED: Final = ("method", "path", "query", "body")


class Shelf:
    """Where vcrpy puts and finds exchanges: here, in memory."""

    def __init__(self, tape: Cassette | None = None) -> None:
        """Hold what *tape* has, or nothing yet."""
        self.taken: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._tape = tape

    def load_cassette(self, _path: str, serializer: Any) -> tuple[list[Any], list[Any]]:
        """Give the exchange on the tape in vcrpy's terms."""
        del serializer
        if self._tape is None:
            raise _errors.CassetteNotFoundError
        asked, said = self._tape.request, self._tape.response
        request = _requests.Request(asked["method"], asked["uri"], packed(asked["body"]), dict(asked["headers"]))
        headers = {name: [value] for name, value in said["headers"].items()}
        return [request], [{"status": dict(said["status"]), "headers": headers, "body": {"string": packed(said["body"])}}]

    def save_cassette(self, _path: str, exchanges: dict[str, Any], serializer: Any) -> None:
        """Take down what went by."""
        del serializer
        for asked, said in zip(exchanges["requests"], exchanges["responses"], strict=True):
            headers = {name.lower(): values for name, values in asked.headers.items()}
            request = {"method": asked.method, "uri": asked.uri, "headers": headers, "body": _body(asked.body, headers)}
            headers = {name.lower(): ", ".join(values) for name, values in said["headers"].items()}
            response = {"status": said["status"], "headers": headers, "body": _body(said["body"]["string"], headers)}
            self.taken.append((request, response))


def _body(body: bytes | None, headers: dict[str, str]) -> Any:
    return readable(body or b"", headers.get("content-type", ""))


def _without_secrets(request: Any) -> Any:
    request.headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT_OF_REQUESTS}
    return request


def _without_noise(response: dict[str, Any]) -> dict[str, Any]:
    headers = response["headers"].items()
    return {**response, "headers": {name: values for name, values in headers if name.lower() in KEPT_OF_RESPONSES}}


def _camera(shelf: Shelf) -> Any:
    camera = vcr.VCR(
        match_on=MATCHED,
        before_record_request=_without_secrets,
        before_record_response=_without_noise,
        decode_compressed_response=True,
    )
    camera.register_persister(shelf)
    return camera


@contextlib.contextmanager
def taking() -> Generator[Shelf]:
    """Take down every exchange made inside, without keys; the shelf has them afterwards."""
    shelf = Shelf()
    with _camera(shelf).use_cassette("taken", record_mode="all"):
        yield shelf


@contextlib.contextmanager
def playing(tape: Cassette) -> Generator[Any]:
    """Answer from *tape* alone: any request that is not on it, and any repetition, is an error."""
    with _camera(Shelf(tape)).use_cassette(str(tape), record_mode="none") as player:
        yield player


def disconnect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no socket connect to anything, this machine included."""

    def refuse(_self: socket.socket, address: Any) -> None:
        message = f"a replay tried to connect to {address!r}"
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
