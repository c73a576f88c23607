"""Lets ``python -m understudy`` be the command ``understudy``."""

import sys

from understudy.cli import main

sys.exit(main())
