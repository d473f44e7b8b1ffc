"""Documentation; `docs.generate` makes what the code can tell by itself."""
