"""The feed: every net change of the catalogue between two polls, whoever made it.

Once a second the worker asks LDAP what changed since its cookie (RFC 4533 refreshOnly). What comes
is held against what the settled intents say it must be: the rest was done outside the system, and
is reported with before and after. Projection, events and cookie are written in one transaction.

`polling` is the loop's turn; `full_scan` looks at every entry instead (first load, a lost cookie, a
restart of slapd, every night, on demand); `judging` judges one entry; `intent_chain` knows what the
intents made of it; `content` is what counts as content.
"""
