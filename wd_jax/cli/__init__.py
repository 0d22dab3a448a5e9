"""The command line, ``wd-jax``: the composition root, and the only package in wd_jax that may import experiments.

To add a command, write a module here with a class ``Options(Command)`` and add a line to `registry.COMMANDS`.
"""

from wd_jax.cli.dispatch import main as main

__all__ = ["main"]
