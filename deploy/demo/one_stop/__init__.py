"""Một cửa điện tử (mẫu): a file is opened at the desk and settled by the officer in charge.

`desk.py` is the business on SQLite, `views.py` its pages, `application.py` puts them together.
Who may do what comes from the `roles` claim alone.
"""
