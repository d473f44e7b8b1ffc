"""Fixtures of the tests of the command line, the seed and the backup."""

from tests.support.command_line import danhmuc

__all__ = ["danhmuc"]
