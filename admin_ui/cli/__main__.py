"""`python -m admin_ui.cli` (what deploy/danhmuc calls)."""

import sys

try:
    from admin_ui.cli.main import main

    main()
except KeyboardInterrupt:  # while it was still being loaded
    sys.exit(130)
