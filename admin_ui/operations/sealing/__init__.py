"""The keys that seal what is stored."""
