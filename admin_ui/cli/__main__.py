"""`python -m admin_ui.cli` (what deploy/danhmuc calls)."""

import gc
import sys

# What is loaded now stays to the end: to look again and again whether it can go is a third of a
# start. `main` lets the collector begin once all is there.
gc.disable()
try:
    from admin_ui.cli.main import main

    main()
except KeyboardInterrupt:  # while it was still being loaded
    sys.exit(130)
