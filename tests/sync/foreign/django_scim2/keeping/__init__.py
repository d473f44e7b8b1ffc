"""The application of django_scim2/server.py: users and groups."""
