"""Applications that read files: what changed is dropped as .csv into a folder, with a manifest.

`folder` writes and reads files so that nobody ever sees half of one; `target` is what the engine
calls.
"""
