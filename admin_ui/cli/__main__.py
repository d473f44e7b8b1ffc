"""`python -m admin_ui.cli` (what deploy/danhmuc calls)."""

from admin_ui.cli.main import main

main()
