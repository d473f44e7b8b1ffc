"""The SQL store: one engine, one way to read, one way to write, single use, migrations.

Rooms define their own tables (SQLAlchemy Core, on `engine.metadata`) in a file `tables.py`.
"""
