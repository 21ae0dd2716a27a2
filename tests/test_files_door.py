"""Images become content from files, addresses, bytes and base64; what is none is told at once."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from llmring import LLMRing
from llmring.files import (
    analyze_image,
    compare_images,
    create_base64_image_content,
    create_data_url,
    create_image_content,
    create_multi_image_content,
    encode_file_to_base64,
    extract_text_from_image,
    get_file_mime_type,
    validate_image_file,
)
from llmring.testing.simulator import Simulator
from tests.rings import MODELS, settings

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
TEXT = base64.b64encode(PNG).decode()
URL = f"data:image/png;base64,{TEXT}"
IMAGE = {"type": "image_url", "image_url": {"url": URL}}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Give the path of an image."""
    path = tmp_path / "picture.png"
    path.write_bytes(PNG)
    return path


def test_tells_kinds_of_files(tmp_path: Path, picture: Path) -> None:
    """The name tells, else the first bytes, else nothing."""
    (tmp_path / "unnamed").write_bytes(PNG)
    assert get_file_mime_type("a.PDF") == "application/pdf"
    assert get_file_mime_type(picture) == get_file_mime_type(tmp_path / "unnamed") == "image/png"
    assert get_file_mime_type("none.unknown") == "application/octet-stream"


def test_reads_files(picture: Path, tmp_path: Path) -> None:
    """A file becomes base64 or a data URL; a missing one is an error of the system's."""
    (tmp_path / "notes.txt").write_text("Hi", encoding="utf-8")
    (tmp_path / "unknown").write_text("Hi", encoding="utf-8")
    assert encode_file_to_base64(picture) == TEXT
    assert create_data_url(str(picture)) == URL
    assert create_data_url(tmp_path / "notes.txt") == "data:text/plain;base64,SGk="
    assert create_data_url(tmp_path / "unknown") == "data:application/octet-stream;base64,SGk="
    for helper in (encode_file_to_base64, create_data_url, create_image_content):
        with pytest.raises(FileNotFoundError):
            helper(tmp_path / "none.png")


def test_validates_images_by_their_bytes(picture: Path, tmp_path: Path) -> None:
    """An image is what its bytes say, whatever it is called."""
    (tmp_path / "fake.png").write_bytes(b"%PDF")
    assert validate_image_file(picture)
    assert [validate_image_file(tmp_path / name) for name in ("fake.png", "none.png", "a\0b")] == [False] * 3


@pytest.mark.parametrize(
    "image", [PNG, URL, TEXT, {"data": TEXT}, {"data": TEXT, "mime_type": "image/png"}], ids=lambda image: type(image).__name__
)
def test_takes_an_image_in_every_form(image: Any) -> None:
    """Bytes, data URLs and base64 say the same."""
    assert create_image_content(image) == [IMAGE]
    assert create_image_content(image, "Hi") == [{"type": "text", "text": "Hi"}, IMAGE]


def test_takes_a_file_and_an_address(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, as text or not, is read; an address goes through."""
    monkeypatch.chdir(picture.parent)
    assert create_image_content(picture) == create_image_content("picture.png") == [IMAGE]
    assert create_image_content("https://example.com/a.png") == [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]


def test_takes_base64_with_line_breaks_and_of_unknown_kind() -> None:
    """Base64 is brought into one line; what its bytes do not tell is said, or taken for JPEG."""
    broken = base64.encodebytes(PNG).decode()
    assert create_image_content(broken) == create_base64_image_content(broken) == [IMAGE]
    unknown = base64.b64encode(bytes(90)).decode()
    assert create_image_content(unknown) == [{"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{unknown}"}}]
    for content in (create_image_content(unknown, "", "image/heic"), create_base64_image_content(unknown, "image/heic")):
        assert content == [{"type": "image_url", "image_url": {"url": f"data:image/heic;base64,{unknown}"}}]
    assert create_image_content(bytes(3)) == [{"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}}]


def test_says_what_is_no_image(tmp_path: Path) -> None:
    """A file of another kind, broken base64 and a mistyped path are errors."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(ValueError, match="is application/pdf, not an image"):
        create_image_content(tmp_path / "a.pdf")
    with pytest.raises(ValueError, match="not valid base64"):
        create_base64_image_content("abc")
    for path in ("pictures/of/summer/holidays", "pictures_of/summer_holidays", "nothing", "x" * 5000 + "=a", "a\0" * 20):
        with pytest.raises((OSError, ValueError)):
            create_image_content(path)


def test_asks_about_images(picture: Path) -> None:
    """Each question comes with its images, in their order."""
    asked = analyze_image(picture)
    assert asked == [{"type": "text", "text": "Analyze this image"}, IMAGE]
    assert analyze_image(picture, "What is it?")[0]["text"] == "What is it?"
    assert "text" in extract_text_from_image(picture)[0]["text"]
    other = "https://example.com/b.png"
    assert compare_images(picture, other, "What changed?")[1:] == create_multi_image_content([picture, other])
    assert create_multi_image_content([]) == []


def test_models_take_the_content(picture: Path) -> None:
    """What the helpers give is content that every provider's models are told in their own form."""
    with Simulator() as simulator, LLMRing(**settings(simulator)) as ring:
        for model in MODELS.values():
            assert ring.chat(model, [{"role": "user", "content": compare_images(picture, TEXT)}]).content
            assert str(simulator.requests[-1].body).count(TEXT) == 2
