"""Pages and pictures made from the code: `PYTHONPATH=. .venv/bin/python -m docs.generate`.

`pages.PAGES` lists what is made and by whom. A test holds what lies in the repository against it.
"""
