"""Registered files and their copies as values: what is known, what may be reused, what is forgotten."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.uploads import Copy, Kept, Look, Received, Shelf, id_of, pause, undeleted
from llmring.exceptions import LLMRingError, ProviderServerError, RequestError

LOOK = Look(size=3, changed=1, inode=7, media_type="text/plain")
NOW = 1_000_000.0


def a_copy(provider: str = "openai", digest: str = "d1", file_id: str = "f1", **received: Any) -> Copy:
    """Give a copy that *provider* holds."""
    return Copy(provider=provider, digest=digest, media_type="text/plain", received=Received(file_id=file_id, **received))


def shelf_with(*copies: Copy, digest: str | None = "d1", look: Look = LOOK) -> tuple[Shelf, str]:
    """Give a shelf with one file and its copies."""
    shelf, file_id = Shelf().registered("/a/report.txt", LOOK)
    if digest is not None:
        shelf = shelf.read(file_id, look, digest)
    for copy in copies:
        shelf = shelf.holding(file_id, copy)
    return shelf, file_id


def test_ids_tell_paths_apart() -> None:
    """The same path has the same id, in every process; another has another."""
    assert id_of("/a/b.txt") == "local-3af167d37e3712f4" == id_of("/a/b.txt") != id_of("/a/c.txt")
    assert id_of("/a/\udcff").startswith("local-")


def test_registering_again_keeps_what_is_known() -> None:
    """Unless the file has changed, whose content is then not known any more."""
    shelf, file_id = shelf_with(a_copy())
    again, same = shelf.registered("/a/report.txt", LOOK)
    assert (again, same) == (shelf, file_id)
    changed, _ = shelf.registered("/a/report.txt", attrs.evolve(LOOK, size=4))
    assert changed.find(file_id).digest is None
    assert changed.find(file_id).copies == (a_copy(),)
    assert changed.find(file_id).look.size == 4


@pytest.mark.parametrize(
    "look,sure",
    [
        (LOOK, True),
        (attrs.evolve(LOOK, media_type="text/csv", settled=False), True),
        (attrs.evolve(LOOK, size=4), False),
        (attrs.evolve(LOOK, changed=2), False),
        (attrs.evolve(LOOK, inode=8), False),
    ],
)
def test_a_file_is_unchanged_as_far_as_looks_go(look: Look, *, sure: bool) -> None:
    """Size, time and inode tell."""
    shelf, file_id = shelf_with()
    assert shelf.find(file_id).unchanged(look) is sure


def test_looks_that_cannot_be_trusted() -> None:
    """A file that was never read, or was written just before it was read, may hold anything."""
    shelf, file_id = shelf_with(digest=None)
    assert not shelf.find(file_id).unchanged(LOOK)
    shelf, file_id = shelf_with(look=attrs.evolve(LOOK, settled=False))
    assert not shelf.find(file_id).unchanged(LOOK)


@pytest.mark.parametrize(
    "copy,usable",
    [
        (a_copy(), True),
        (a_copy(digest="d0"), False),
        (a_copy(provider="google"), False),
        (a_copy(expires=NOW + 3600), True),
        (a_copy(expires=NOW + 10), False),
        (a_copy(expires=NOW - 10), False),
    ],
)
def test_reuses_a_copy_of_the_same_content_that_lasts(copy: Copy, *, usable: bool) -> None:
    """Another provider's, one of other content, and one that will be gone soon are of no use."""
    shelf, file_id = shelf_with(copy)
    assert shelf.find(file_id).copy_at("openai", NOW) == (copy if usable else None)


def test_content_that_comes_back_finds_its_copy() -> None:
    """Copies of earlier content are kept: for it, and to be deleted one day."""
    old, new = a_copy(file_id="f0", digest="d0"), a_copy()
    shelf, file_id = shelf_with(old, new)
    assert shelf.find(file_id).copy_at("openai", NOW) == new
    assert shelf.read(file_id, LOOK, "d0").find(file_id).copy_at("openai", NOW) == old


def test_news_of_a_copy_replace_the_old() -> None:
    """A copy is its provider's id; what else is known of it may change."""
    waiting, ready = a_copy(ready=False), a_copy(uri="https://a/f1")
    shelf, file_id = shelf_with(waiting, ready)
    assert shelf.find(file_id).copies == (ready,)
    assert shelf.without(file_id, waiting).find(file_id).copies == ()
    assert (waiting.reference, ready.reference) == ("f1", "https://a/f1")


def test_unknown_ids_are_told() -> None:
    """With the near one, or those there are, or how to get one."""
    with pytest.raises(RequestError, match=r"^files\[0\]: no file 'x' is registered with this ring; register_file\(path\)") as empty:
        Shelf().find("x", "files[0]")
    assert empty.value.path == "files[0]"
    shelf, file_id = shelf_with()
    with pytest.raises(RequestError, match=f"did you mean '{file_id}'") as near:
        shelf.find(file_id[:-1])
    assert near.value.path is None
    with pytest.raises(RequestError, match=f"registered are {file_id}$"):
        shelf.find("something else")


def test_a_file_that_leaves_is_not_found() -> None:
    """No new use of it begins; if it has to stay, it is there again."""
    shelf, file_id = shelf_with(a_copy())
    leaving = shelf.parting(file_id, leaving=True)
    with pytest.raises(RequestError, match=r"register_file"):
        leaving.find(file_id)
    assert leaving.parting(file_id, leaving=False) == shelf
    assert shelf.dropped(file_id) == Shelf()


def test_news_of_forgotten_files_change_nothing() -> None:
    """They may come late."""
    empty = Shelf()
    assert empty.read("x", LOOK, "d") == empty.holding("x", a_copy()) == empty.without("x", a_copy()) == empty.parting("x", leaving=True)
    assert empty == Shelf()


def test_describes_files_to_users() -> None:
    """With all copies; moments are ISO, in UTC."""
    shelf, file_id = shelf_with(a_copy(), a_copy("google", file_id="files/1", uri="https://g/files/1", expires=NOW))
    (told,) = shelf.told()
    assert (told.id, told.path, told.name, told.size, told.digest) == (file_id, "/a/report.txt", "report.txt", 3, "d1")
    assert [(each.provider, each.file_id, each.uri) for each in told.uploads] == [
        ("openai", "f1", None),
        ("google", "files/1", "https://g/files/1"),
    ]
    assert [each.expires_at for each in told.uploads] == [None, "1970-01-12T13:46:40+00:00"]
    assert pickle.loads(pickle.dumps(told)) == told


@pytest.mark.parametrize("path,name", [("/a/b.txt", "b.txt"), ("C:\\a\\b.txt", "b.txt"), ("b.txt", "b.txt")])
def test_names_have_no_folders(path: str, name: str) -> None:
    """Whichever way the system parts them."""
    assert Kept(id="x", path=path, look=LOOK).name == name


@given(st.integers(0, 60))
def test_pauses_grow_to_a_limit(asked: int) -> None:
    """From a fifth of a second to five."""
    assert 0.2 <= pause(asked) <= pause(asked + 1) <= 5


def test_what_was_not_deleted_is_one_error() -> None:
    """Of the first one's class, with its details; the text names all and says what to do."""
    first = ProviderServerError("down", status_code=500, request_id="r1")
    error = undeleted("local-1", [(a_copy(), first), (a_copy("google", file_id="files/1"), LLMRingError("no key"))])
    assert isinstance(error, ProviderServerError)
    assert (error.status_code, error.request_id, first.message) == (500, "r1", "down")
    assert str(error) == (
        "local-1 stays registered, for openai still has f1: down; google still has files/1: no key; "
        "call deregister_file('local-1') again to delete the rest"
    )
