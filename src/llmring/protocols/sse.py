"""Server-sent events: bytes cut anywhere in, data payloads out; what a payload means is the frame's business."""

from __future__ import annotations

from llmring._core.jsontext import loads
from llmring.protocols.framing import is_whole, misread
from llmring.protocols.reading import object_of

_BOM = b"\xef\xbb\xbf"
_FOREIGN = (b"{", b"[", b"<")
"""What begins JSON or a page, and no line of a stream."""


class SseDecoder:
    """Splits a body into the data of its events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    Event names, ids, retry times and comments are dropped: every provider repeats in the data what it says there.
    """

    __slots__ = ("_begun", "_cr", "_odd", "_pieces", "_told")

    def __init__(self) -> None:
        """Begin at the first byte of a body."""
        self._pieces: list[bytes] = []
        """Bytes that no blank line has closed yet; joined only when one may have come."""
        self._cr = False
        self._begun = False
        self._told = False
        """Whether there was any payload."""
        self._odd: bytes | None = None
        """What came first without being one."""

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
        payloads = _payloads(events)
        if not self._told:
            self._note(events[0], bool(payloads))
        return payloads

    def _note(self, first: bytes, told: bool) -> None:  # noqa: FBT001 - kept as it is
        """Note whether anything was *told* yet, or else what came *first*."""
        self._told = told
        if not told and self._odd is None:
            self._odd = first

    def flush(self) -> list[bytes]:
        """Give the last payload where the body ended without a blank line; one that was cut short is dropped.

        Raises:
            ProviderResponseError: the body was no stream, but a page or a whole answer, which another try would have to pay for again.

        """
        closed = self.feed(b"\n") if self._cr else []
        rest = b"".join(self._pieces).removeprefix(_BOM)
        payload = _payload(rest)
        self._pieces = []
        if payload is not None and is_whole(payload):
            return [*closed, payload]
        return closed if self._told else _foreign((rest if self._odd is None else self._odd).strip())

    def _plain_ends(self, data: bytes) -> bytes:
        """End all lines with a line feed alone; a carriage return at the very end waits for what follows it."""
        if self._cr:
            data = b"\r" + data
        self._cr = data.endswith(b"\r")
        if self._cr:
            data = data[:-1]
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _payloads(events: list[bytes]) -> list[bytes]:
    """Give the data of those of *events* that have some."""
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


def _foreign(body: bytes) -> list[bytes]:
    """Give an error that came by itself, as if it were an event; nothing where *body* is merely cut short."""
    if not body.startswith(_FOREIGN):
        return []
    try:
        told = object_of(loads(body)).get("error")
    except ValueError:
        told = None
    if told:
        return [body]
    raise misread(body, "the answer is no stream of events")


def _payload(event: bytes) -> bytes | None:
    """Join the data lines of one *event*; None where it has none."""
    lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
    return b"\n".join(lines).strip() if lines else None
