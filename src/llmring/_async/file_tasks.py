"""What is done with a provider's files API: one copy uploaded, looked up or deleted; which, and when, is decided elsewhere."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmring._async.exchange import FAILED
from llmring._async.tasks import AsyncLightTask

if TYPE_CHECKING:
    from types import ModuleType

    from llmring._async.transport import AsyncTransport
    from llmring._core.http import HttpReply
    from llmring._core.outcome import Walk
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout
    from llmring._core.uploads import Received
    from llmring._core.wire_call import PreparedCall

UPLOADING = frozenset({"openai_responses", "anthropic_messages", "gemini_generate"})
"""The protocols whose requests can name an uploaded file of any kind."""


def files_api(ready: Ready) -> ModuleType:
    """Give the module that knows the files API beside the protocol of *ready*."""
    family = ready.limits.protocol.partition("_")[0]
    return import_module(f"llmring.protocols.{family}_files")


class AsyncUploadTask(AsyncLightTask):
    """Upload a file, from its first byte whenever it is tried again."""

    alternate = True

    def __init__(self, name: str, media_type: str, data: bytes, digest: str) -> None:
        """Upload *data*, whose SHA-256 is *digest*, under *name* as *media_type*."""
        self._name = name
        self._media_type = media_type
        self._data = data
        self._digest = digest

    async def prepare(self, ready: Ready, _walk: Walk, /) -> PreparedCall:
        """Encode the first call."""
        return ready.prepare(files_api(ready).encode_upload(self._name, self._media_type, self._data, self._digest))

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> Received:
        """Send the first call, and the one that has to follow, if any."""
        api = files_api(ready)
        reply = await _passed(transport, call, ready, timeout)
        rest = api.encode_rest(reply, ready.endpoint.base_url, self._data)
        if rest is not None:
            reply = await _passed(transport, ready.prepare(rest), ready, timeout)
        return api.decode_upload(reply)


class AsyncLookTask(AsyncLightTask):
    """Ask what has become of an uploaded file."""

    alternate = True

    def __init__(self, file_id: str) -> None:
        """Ask of the file that the provider calls *file_id*."""
        self._file_id = file_id

    async def prepare(self, ready: Ready, _walk: Walk, /) -> PreparedCall:
        """Encode the question."""
        return ready.prepare(files_api(ready).encode_get(self._file_id))

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> Received:
        """Send it and understand the answer."""
        return files_api(ready).decode_upload(await _passed(transport, call, ready, timeout))


class AsyncDeleteTask(AsyncLightTask):
    """Delete an uploaded file; one that is gone already is as good as deleted."""

    alternate = True

    def __init__(self, file_id: str) -> None:
        """Delete the file that the provider calls *file_id*."""
        self._file_id = file_id

    async def prepare(self, ready: Ready, _walk: Walk, /) -> PreparedCall:
        """Encode the deletion."""
        return ready.prepare(files_api(ready).encode_delete(self._file_id))

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> None:
        """Send it and see that it was done."""
        reply = await transport.send(call, timeout)
        if reply.status >= FAILED and not files_api(ready).gone(reply):
            raise ready.protocol.decode_error(reply)


async def _passed(transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> HttpReply:
    """Send *call* and give its reply, unless that says no."""
    reply = await transport.send(call, timeout)
    if reply.status >= FAILED:
        raise ready.protocol.decode_error(reply)
    return reply
