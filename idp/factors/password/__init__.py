"""Username or work e-mail, and password."""
