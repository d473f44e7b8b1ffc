"""The bottom storey: people, agencies, roles, decisions, audit, intents, and their stores.

Imports none of our other packages. Flask is used only where Flask-SQLAlchemy needs an app.
"""
