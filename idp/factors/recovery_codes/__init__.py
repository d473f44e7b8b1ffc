"""Ten codes on paper, each good for one sign-in without the telephone."""
