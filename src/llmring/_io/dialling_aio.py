"""Connect, on an event loop, to whichever address of a host answers first (RFC 8305)."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from llmring._io.dialling import HEAD_START, interleaved


async def dial(host: str, port: int, local_address: str | None = None) -> socket.socket:
    """Give a connected, non-blocking socket, or raise the last OSError if all addresses fail; the caller bounds the time."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    waiting = interleaved((family, address) for family, _, _, _, address in found)
    if len(waiting) == 1:
        return await _call(*waiting[0], local_address)
    trying: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException = OSError(f"no address for {host}")
    try:
        while waiting or trying:
            if waiting:
                trying.add(loop.create_task(_call(*waiting.pop(0), local_address)))
            done, trying = await asyncio.wait(trying, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED)
            for task in sorted(done, key=lambda task: task.exception() is not None):
                if (error := task.exception()) is None:
                    trying |= done - {task}
                    return task.result()
                failure = error
    finally:
        for task in trying:
            task.cancel()
            task.add_done_callback(_hang_up)
    raise failure


def _hang_up(task: asyncio.Task[socket.socket]) -> None:
    """Close what a late task still connected."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _call(family: socket.AddressFamily, address: Any, local_address: str | None) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        if local_address is not None:
            sock.bind((local_address, 0))
        await asyncio.get_running_loop().sock_connect(sock, address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError) and error.errno is not None:
            raise OSError(error.errno, os.strerror(error.errno)) from error  # asyncio's own text buries the reason
        raise
    return sock
