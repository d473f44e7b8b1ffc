"""What works for so long and is made anew before: keys and certificates.

Each component declares its own (`directory.component.Expiry`); here is told when they are due, to
whoever looks after the whole province and to `danhmuc doctor`.
"""
