"""The tests of the same name, over aiohttp."""

from __future__ import annotations

import pytest

from tests._async.test_transport import *  # noqa: F403

pytestmark = pytest.mark.extra

del test_recorders_are_seen  # noqa: F821 - of the other library; that recorders see aiohttp is told by test_transport_clients
