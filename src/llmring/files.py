"""Turn image files, addresses, bytes and base64 into content for messages; sending them is the ring's business.

What these helpers give is OpenAI's form, which every provider's models are told in their own::

    ring.chat("vision", [{"role": "user", "content": analyze_image("chart.png", "What does it show?")}])

They read files at once. ``ImagePart(path=…)`` says the same and leaves the reading to the ring, away from any event loop.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from llmring._core.media_types import media_type, named_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    Image = str | PathLike[str] | bytes | Mapping[str, str]
    """A file, an address, a data URL, base64 text, bytes, or ``{"data": <base64>, "mime_type": …}``."""
    Content = list[dict[str, Any]]
    """What `Message.content` takes."""

__all__ = [
    "analyze_image",
    "compare_images",
    "create_base64_image_content",
    "create_data_url",
    "create_image_content",
    "create_multi_image_content",
    "encode_file_to_base64",
    "extract_text_from_image",
    "get_file_mime_type",
    "validate_image_file",
]

_TAKEN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What every provider's vision models take."""
_UNKNOWN: Final = "application/octet-stream"
_USUAL: Final = "image/jpeg"
_HEAD: Final = 64
"""Bytes that tell what a file is."""
_SHORTEST: Final = 24
"""Letters below which a text is rather a file's name than an image in base64."""


# --- files ---------------------------------------------------------------------------------------


def get_file_mime_type(file_path: str | PathLike[str]) -> str:
    """Tell the media type of a file by its name, else by its first bytes; ``application/octet-stream`` where neither tells.

    A file that cannot be read has no bytes to tell by; nothing is raised.
    """
    return named_type(fspath(file_path)) or media_type(_beginning(file_path)) or _UNKNOWN


def encode_file_to_base64(file_path: str | PathLike[str]) -> str:
    """Read a file and give it in base64.

    Raises:
        OSError: it cannot be read; FileNotFoundError where there is none.

    """
    return _text(Path(file_path).read_bytes())


def create_data_url(file_path: str | PathLike[str]) -> str:
    """Read a file and give it as ``data:<media type>;base64,<data>``.

    Raises:
        OSError: it cannot be read; FileNotFoundError where there is none.

    """
    data = Path(file_path).read_bytes()
    return _data_url(_text(data), media_type(data) or named_type(fspath(file_path)) or _UNKNOWN)


def validate_image_file(file_path: str | PathLike[str]) -> bool:
    """Tell whether a file is there and is PNG, JPEG, GIF or WebP, which all providers take; its bytes count, not its name."""
    return media_type(_beginning(file_path)) in _TAKEN


# --- content -------------------------------------------------------------------------------------


def create_image_content(file_path_url_or_base64: Image, text: str = "", mime_type: str | None = None) -> Content:
    """Give *text* and an image as content for a message; *mime_type* is what base64 holds, told by its bytes where left out.

    The image is a file's path, an address (``https://``, ``data:``), base64, bytes, or ``{"data": <base64>, "mime_type": …}``.
    Files are read at once; addresses are handed on as they are.

    Raises:
        OSError: the file cannot be read; FileNotFoundError where there is none.
        ValueError: it is no image, or no base64.

    """
    return create_multi_image_content([file_path_url_or_base64], text, mime_type)


def create_multi_image_content(images: Sequence[Image], text: str = "", mime_type: str | None = None) -> Content:
    """Give *text* and several *images* as content for a message, each in any of the forms that `create_image_content` takes.

    Raises:
        OSError: a file cannot be read; FileNotFoundError where there is none.
        ValueError: one is no image, or no base64.

    """
    parts: Content = [{"type": "text", "text": text}] if text else []
    return parts + [{"type": "image_url", "image_url": {"url": _url(image, mime_type)}} for image in images]


def create_base64_image_content(base64_data: str, mime_type: str | None = None, text: str = "") -> Content:
    """Give *text* and an image that is there in base64 as content for a message.

    Raises:
        ValueError: it is no base64.

    """
    return create_multi_image_content([{"data": base64_data, "mime_type": mime_type or ""}], text)


def analyze_image(file_path_url_or_base64: Image, prompt: str = "Analyze this image", mime_type: str | None = None) -> Content:
    """Ask about an image: give *prompt* and image as content for a message; arguments and errors as `create_image_content`."""
    return create_image_content(file_path_url_or_base64, prompt, mime_type)


def extract_text_from_image(file_path_url_or_base64: Image, mime_type: str | None = None) -> Content:
    """Ask for the text in an image, as content for a message; arguments and errors as `create_image_content`."""
    prompt = "Extract all text from this image. Give the text alone, in reading order and with its line breaks."
    return create_image_content(file_path_url_or_base64, prompt, mime_type)


def compare_images(image1: Image, image2: Image, prompt: str = "Compare these images") -> Content:
    """Ask what is different: give *prompt* and two images as content for a message; errors as `create_image_content`."""
    return create_multi_image_content([image1, image2], prompt)


# --- one image -----------------------------------------------------------------------------------


def _url(image: Image, kind: str | None) -> str:
    """Give the address or data URL of *image*."""
    match image:
        case bytes():
            return _data_url(_text(image), kind or media_type(image) or _USUAL)
        case Mapping():
            return _data_url(_checked(image["data"]), image.get("mime_type") or kind or _kind(image["data"]))
        case str() if image.startswith(("data:", "http://", "https://")):
            return image
        case str() if _is_base64(image):
            return _data_url(_checked(image), kind or _kind(image))
        case _:
            return _of_file(image)


def _of_file(path: str | PathLike[str]) -> str:
    """Read an image file."""
    url = create_data_url(path)
    kind = url[5:].partition(";")[0]
    if kind.startswith("image/"):
        return url
    message = f"{fspath(path)!r} is {kind}, not an image"
    raise ValueError(message)


def _is_base64(text: str) -> bool:
    """Tell whether *text* is an image in base64 rather than the path of one."""
    if len(text) < _SHORTEST or "." in text or _exists(text):
        return False
    try:
        return media_type(base64.b64decode(text[:_SHORTEST], validate=True)) is not None or len(text) > 4 * _SHORTEST
    except binascii.Error:
        return False


def _exists(text: str) -> bool:
    """Tell whether there is a file at *text*, which may be much too long for a path."""
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def _checked(text: str) -> str:
    """Give base64 *text* in one line."""
    line = "".join(text.split())
    try:
        base64.b64decode(line, validate=True)
    except binascii.Error as error:
        message = f"the image is not valid base64: {error}"
        raise ValueError(message) from None
    return line


def _kind(text: str) -> str:
    """Tell what base64 *text* holds."""
    return media_type(base64.b64decode("".join(text[:200].split())[:_HEAD])) or _USUAL


def _beginning(path: str | PathLike[str]) -> bytes:
    """Give the first bytes of a file, none where there is no such file."""
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _data_url(text: str, kind: str) -> str:
    return f"data:{kind};base64,{text}"
