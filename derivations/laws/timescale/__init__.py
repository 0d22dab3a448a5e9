"""The time that decay takes, and the best one."""
