"""Which files are registered and which copies of them providers hold, as values; reading and uploading are done elsewhere."""

from __future__ import annotations

from copy import copy as copy_of
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import attrs

from llmring._base import near
from llmring._gen.file import FileUpload, RegisteredFile
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring.exceptions import LLMRingError

_MARGIN: Final = 300.0
"""Seconds before its end from which a copy is not relied on: the call that names it takes time."""
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
PATIENCE: Final = 300.0
"""Seconds that a provider is given to prepare a file, where the call's own limits allow as much."""


@attrs.frozen(kw_only=True)
class Look:
    """A file as it was found at one moment."""

    size: int
    changed: int
    """When its content last changed, by the file system: nanoseconds."""
    inode: int
    media_type: str = attrs.field(eq=False)
    settled: bool = attrs.field(default=True, eq=False)
    """Whether it had rested for so long that any later change shows in *changed*."""


@attrs.frozen(kw_only=True)
class Received:
    """What a provider says of a file that it was given."""

    file_id: str
    uri: str | None = None
    expires: float | None = None
    """The moment from which it is gone, in seconds of Unix time; None where it stays."""
    ready: bool = True
    """Whether requests may name it already."""


@attrs.frozen(kw_only=True)
class Copy:
    """A copy of a file, held by one provider."""

    provider: str
    digest: str
    media_type: str
    received: Received

    @property
    def reference(self) -> str:
        """How requests name it."""
        return self.received.uri or self.received.file_id

    def lasts(self, now: float) -> bool:
        """Tell whether it may be relied on at *now*."""
        return self.received.expires is None or now + _MARGIN < self.received.expires

    def told(self) -> FileUpload:
        """Describe it to users."""
        ends = self.received.expires
        return FileUpload(
            provider=self.provider,
            file_id=self.received.file_id,
            uri=self.received.uri,
            digest=self.digest,
            media_type=self.media_type,
            expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC).isoformat(),
        )


@attrs.frozen(kw_only=True)
class Kept:
    """A registered file and all copies of it."""

    id: str
    path: str
    look: Look
    digest: str | None = None
    """SHA-256 of the content as it was at *look*; None before it was read."""
    copies: tuple[Copy, ...] = ()
    leaving: bool = False
    """Whether it is being deregistered, so that no new use of it may begin."""

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.replace("\\", "/").rpartition("/")[2]

    def unchanged(self, look: Look) -> bool:
        """Tell whether the file, now found as *look*, surely still has the content of *digest*."""
        return self.digest is not None and self.look == look and self.look.settled

    def copy_at(self, provider: str, now: float) -> Copy | None:
        """Give the copy of the present content that *provider* holds at *now*, None where it has to be uploaded."""
        for copy in reversed(self.copies):
            if copy.provider == provider and copy.digest == self.digest and copy.lasts(now):
                return copy
        return None

    def told(self) -> RegisteredFile:
        """Describe it to users."""
        return RegisteredFile(
            id=self.id,
            path=self.path,
            name=self.name,
            size=self.look.size,
            media_type=self.look.media_type,
            digest=self.digest,
            uploads=[copy.told() for copy in self.copies],
        )


@attrs.frozen
class Shelf:
    """All registered files of a ring, by id."""

    files: Mapping[str, Kept] = attrs.field(factory=dict[str, Kept])

    def find(self, file_id: str, path: str | None = None) -> Kept:
        """Give the file *file_id*, which the request names at *path*.

        Raises:
            RequestError: there is none, or it is being deregistered; the text names those that are near, or all.

        """
        kept = self.files.get(file_id)
        if kept is not None and not kept.leaving:
            return kept
        known = [each for each, file in self.files.items() if not file.leaving]
        hint = near(file_id, known) or (f"; registered are {', '.join(known[:_SHOWN])}" if known else "; register_file(path) gives an id")
        where = f"{path}: " if path else ""
        raise RequestError(f"{where}no file {file_id!r} is registered with this ring{hint}", path=path)

    def registered(self, path: str, look: Look) -> tuple[Shelf, str]:
        """Add the file at *path*, found as *look*; one that is there already keeps its id and copies."""
        file_id = id_of(path)
        kept = self.files.get(file_id)
        if kept is None:
            return self._with(Kept(id=file_id, path=path, look=look)), file_id
        return (self if kept.unchanged(look) else self._with(attrs.evolve(kept, look=look, digest=None))), file_id

    def read(self, file_id: str, look: Look, digest: str) -> Shelf:
        """Note that the content of *file_id* was read, and what it is."""
        return self._changed(file_id, look=look, digest=digest)

    def holding(self, file_id: str, copy: Copy) -> Shelf:
        """Note a *copy*, or what is new about it."""
        kept = self.files.get(file_id)
        return self if kept is None else self._changed(file_id, copies=(*_others(kept, copy), copy))

    def without(self, file_id: str, copy: Copy) -> Shelf:
        """Note that *copy* was deleted."""
        kept = self.files.get(file_id)
        return self if kept is None else self._changed(file_id, copies=_others(kept, copy))

    def parting(self, file_id: str, *, leaving: bool) -> Shelf:
        """Note that *file_id* is being deregistered, or that this failed."""
        return self._changed(file_id, leaving=leaving)

    def dropped(self, file_id: str) -> Shelf:
        """Forget *file_id*."""
        return Shelf({each: kept for each, kept in self.files.items() if each != file_id})

    def told(self) -> list[RegisteredFile]:
        """Describe all of it to users, in the order of registration."""
        return [kept.told() for kept in self.files.values()]

    def _with(self, kept: Kept) -> Shelf:
        return Shelf({**self.files, kept.id: kept})

    def _changed(self, file_id: str, **changes: object) -> Shelf:
        kept = self.files.get(file_id)
        return self if kept is None else self._with(attrs.evolve(kept, **changes))


_SHOWN: Final = 5


def _others(kept: Kept, copy: Copy) -> tuple[Copy, ...]:
    """Give the copies of *kept* but *copy*."""
    name = copy.provider, copy.received.file_id
    return tuple(each for each in kept.copies if (each.provider, each.received.file_id) != name)


def id_of(path: str) -> str:
    """Give the id of the file at *path*: the same in every process."""
    return f"local-{sha256(path.encode(errors='surrogatepass')).hexdigest()[:16]}"


def pause(asked: int) -> float:
    """Give the seconds to wait before a provider is asked again whether a file is ready, after *asked* times."""
    return min(_FIRST_PAUSE * 2**asked, _LONGEST_PAUSE)


def undeleted(file_id: str, failures: Sequence[tuple[Copy, LLMRingError]]) -> LLMRingError:
    """Make of *failures* to delete copies of *file_id* the one error that tells of all: of the first's class, with its details."""
    kept = "; ".join(f"{copy.provider} still has {copy.received.file_id}: {error.message}" for copy, error in failures)
    error = copy_of(failures[0][1])
    error.args = (f"{file_id} stays registered, for {kept}; call deregister_file({file_id!r}) again to delete the rest",)
    return error
