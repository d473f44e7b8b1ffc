"""The page "Bảo mật": how somebody signs in, and where they change it."""
