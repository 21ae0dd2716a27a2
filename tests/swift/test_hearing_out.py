"""The tests of the same name, over aiohttp."""

from __future__ import annotations

import pytest

from tests._async.test_hearing_out import *  # noqa: F403

pytestmark = pytest.mark.extra
