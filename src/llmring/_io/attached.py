"""Read attachments from this machine, never more of one than is wanted."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from llmring._core.taking import fault
from llmring.exceptions import FileSizeError

if TYPE_CHECKING:
    from llmring._core.loading import Need


def read_attached(need: Need) -> bytes:
    """Read the file that *need* names, if it is one and within its limit.

    Raises:
        InvalidMessageError: there is no such file, or it cannot be read.
        FileSizeError: it is larger than the limit; it was not read.

    """
    try:
        with open(need.where, "rb", buffering=0) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise fault(need.path, f"{need.where!r} is no regular file")
            if need.limit is not None and found.st_size > need.limit:
                sizes = f"has {found.st_size:,} bytes; the provider takes {need.limit:,}"
                raise FileSizeError(f"{need.path}: {need.where!r} {sizes}", size=found.st_size, limit=need.limit, path=need.path)
            return file.readall()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise fault(need.path, f"{need.where!r} cannot be read: {reason}") from error
