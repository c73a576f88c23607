"""Settings of the whole suite."""

from __future__ import annotations

import signal

from hypothesis import settings

# How long an example takes says nothing on a machine that is busy with other tests.
settings.register_profile("suite", deadline=None, print_blob=True)
settings.load_profile("suite")

# A suite started in the background of a shell has Ctrl-C ignored, and so would all that it starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
