"""Settings of the whole suite."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says nothing on a machine that is busy with other tests.
settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")
