"""The compiled part: pure functions from a member's state to the next, and what is measured on the way."""
