"""From tokens to an options object: mistakes are found in `tokens`, tyro reads what has none and prints the help."""

import contextlib
import dataclasses
import difflib
import io
import itertools
import re
from collections.abc import Iterable, Sequence

from wd_jax.cli import tokens as typed
from wd_jax.cli.command import Command, UsageError

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
FRAME = re.compile(r"[│╭╮╰╯]|─{2,}|-{4,}")  # lines of ASCII where the terminal knows no better


def parse(options: type[Command], prog: str, tokens: Sequence[str]) -> Command | None:
    """Read the tokens of one command.

    Parameters
    ----------
    options : type
        The command's dataclass.
    prog : str
        Program and command as typed, for messages and help.
    tokens : sequence of str
        What followed them.

    Returns
    -------
    Command or None
        None if help was asked for, which has then been printed.

    Raises
    ------
    UsageError
        For an unknown option, a missing or an unreadable value, in one line.
    """
    import tyro

    options = options.chosen(tokens)
    prog = f"{prog} {options.about}".rstrip()
    _refuse_unknown(options, prog, tokens)
    typed.check(options, prog, tokens)
    if not {"-h", "--help"} & set(tokens):
        tokens = options.expanded(tokens)
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(options, prog=prog, args=list(tokens), config=(tyro.conf.FlagCreatePairsOff,))
    except BrokenPipeError:  # the reader of --help has seen enough
        return None
    except SystemExit as stop:
        if stop.code in (0, None):
            return None
        raise UsageError(f"{one_line(complaint.getvalue())}: see `{prog} --help`") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Word a hint at the known name closest to `word`; empty if none is close.

    Examples
    --------
    >>> nearest("--lmda", ["--eta", "--lmbda"])
    'did you mean --lmbda? '
    """
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}? " if close else ""


def one_line(boxed: str) -> str:
    r"""Reduce tyro's framed complaint, about a mistake that `tokens` does not know, to its first paragraph on one line.

    Examples
    --------
    >>> one_line("╭ Value error ──╮\n│ Error parsing --eta: could not convert │\n│ ─────── │\n│ more │")
    'Error parsing --eta: could not convert'
    """
    title, *lines = ESCAPES.sub("", boxed).splitlines() or [""]
    cleaned = (FRAME.sub("", line).strip() for line in lines)
    paragraphs = [" ".join(group) for filled, group in itertools.groupby(cleaned, key=bool) if filled]
    message = paragraphs[0] if paragraphs else title or "the command line could not be read"
    return message.rstrip(".")


def _refuse_unknown(options: type[Command], prog: str, tokens: Sequence[str]) -> None:
    """Name the first unknown option before anything else is complained about: it is the likeliest cause."""
    known = ["--help", *(typed.named_as(field.name) for field in dataclasses.fields(options))]
    known += [f"--no-{field.name.replace('_', '-')}" for field in dataclasses.fields(options) if field.default is True]
    for position, token in enumerate(tokens):
        name = token.partition("=")[0]
        if not name.startswith("-") or name in known:
            continue
        from wd_jax.cli import foreign  # loads every other library's words: for a mistake only

        if name.startswith("--") and name != "--" and name.replace("_", "-") not in known:
            meant = foreign.meant(options, name, tokens, position)
            raise UsageError(f"{name}: unknown option: {meant or nearest(name, known)}see `{prog} --help`")
        if foreign.single_dashed(name, known):
            meant = foreign.meant(options, name, tokens, position)
            raise UsageError(f"{name}: unknown option: {meant or f'did you mean -{name}? '}see `{prog} --help`")
