"""Server-sent events: bytes cut anywhere in, data payloads out; what a payload means is the frame's business."""

from __future__ import annotations

from llmring.protocols.framing import is_whole

_BOM = b"\xef\xbb\xbf"


class SseDecoder:
    """Splits a body into the data of its events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    Event names, ids, retry times and comments are dropped: every provider repeats in the data what it says there.
    """

    __slots__ = ("_begun", "_cr", "_pieces")

    def __init__(self) -> None:
        """Begin at the first byte of a body."""
        self._pieces: list[bytes] = []
        """Bytes that no blank line has closed yet; joined only when one may have come."""
        self._cr = False
        self._begun = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes and give the payloads they complete, in order."""
        if self._cr or b"\r" in data:
            data = self._plain_ends(data)
        if b"\n\n" not in data and not (data.startswith(b"\n") and self._pieces and self._pieces[-1].endswith(b"\n")):
            if data:
                self._pieces.append(data)
            return []
        if self._pieces:
            self._pieces.append(data)
            data = b"".join(self._pieces)
        if not self._begun:
            data = data.removeprefix(_BOM)
            self._begun = True
        *events, rest = data.split(b"\n\n")
        self._pieces = [rest] if rest else []
        payloads: list[bytes] = []
        for event in events:
            if event.startswith(b"data:") and b"\n" not in event:
                payloads.append(event[5:].strip())
                continue
            head, found, payload = event.partition(b"\ndata:")
            if found and head.startswith(b"event:") and b"\n" not in payload and b"\n" not in head:
                payloads.append(payload.strip())  # a name and one line of data, as Anthropic sends them
                continue
            whole = _payload(event)
            if whole is not None:
                payloads.append(whole)
        return payloads

    def flush(self) -> list[bytes]:
        """Give the last payload where the body ended without a blank line; one that was cut short is dropped."""
        closed = self.feed(b"\n") if self._cr else []
        payload = _payload(b"".join(self._pieces).removeprefix(_BOM))
        self._pieces = []
        return [*closed, payload] if payload is not None and is_whole(payload) else closed

    def _plain_ends(self, data: bytes) -> bytes:
        """End all lines with a line feed alone; a carriage return at the very end waits for what follows it."""
        if self._cr:
            data = b"\r" + data
        self._cr = data.endswith(b"\r")
        if self._cr:
            data = data[:-1]
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _payload(event: bytes) -> bytes | None:
    """Join the data lines of one *event*; None where it has none."""
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines).strip() if lines else None
