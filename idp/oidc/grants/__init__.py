"""The grants of the token endpoint: Authlib's steps, our decisions. One file each."""
