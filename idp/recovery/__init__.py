"""Ways back in: for whoever has forgotten the password, or lost what is asked for after it.

Nobody learns here who has an account: names that exist and names that do not get the same answer
after the same work.
"""
