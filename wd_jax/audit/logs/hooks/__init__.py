"""Hooks that write a log of norms from a training loop: one a library, none of which loads another."""
