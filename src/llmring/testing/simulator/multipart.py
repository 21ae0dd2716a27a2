"""Take a multipart body apart."""

from __future__ import annotations

import re

__all__ = ["parts_of"]


def parts_of(content_type: str, body: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """Give the parts of *body* as name, headers (with ``filename`` among them) and bytes."""
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not found:
        return []
    pieces = (b"\r\n" + body).split(b"\r\n--" + found[1].encode())
    return [_part(piece) for piece in pieces[1:] if not piece.startswith(b"--")]


def _part(piece: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    told = dict(re.findall(r'(\w+)="([^"]*)"', headers.get("content-disposition", "")))
    if "filename" in told:
        headers["filename"] = told["filename"]
    return told.get("name", ""), headers, data
