"""Whether the stores, the disk and the worker do what everything here needs of them.

Owns the checks that no other component answers for; `directory.component.Check` has the form."""
