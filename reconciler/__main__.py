"""Run the command line as ``python -m reconciler``."""

import os
import sys

# Python puts the current folder in front, unless -P or -I is given: a file there must not pass for a module of ours.
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
if not sys.flags.safe_path and sys.path and sys.path[0] != _HERE:
    del sys.path[0]

from reconciler.cli.main import main  # noqa: E402

main()
