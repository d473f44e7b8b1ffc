"""`python -m admin_ui.cli` (what deploy/danhmuc calls)."""

import gc
import signal
import sys

# What is loaded now stays to the end: to look again and again whether it can go is a third of a
# start. `main` lets the collector begin once all is there.
gc.disable()
# Until then an interruption ends the process by the signal itself: what is imported may make any
# other exception of a KeyboardInterrupt. One that a shell has ignored stays ignored.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from admin_ui.cli.main import main  # noqa: E402 - what is above comes before all else

try:
    main()
except KeyboardInterrupt:  # before the command itself began
    sys.exit(130)
