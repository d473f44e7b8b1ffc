"""The steps of a sign-in, one file each. A step never knows which one comes next."""
