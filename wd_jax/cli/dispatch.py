"""Between the shell and a command: choosing it, printing its output, and one line for whatever goes wrong."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import nullcontext

from wd_jax import files, interrupts
from wd_jax.cli import ending
from wd_jax.cli.command import Command, Output, UsageError
from wd_jax.cli.parsing import nearest, parse
from wd_jax.cli.registry import COMMANDS
from wd_jax.results.not_written import NotWrittenError
from wd_jax.siblings import ShadowedError
from wd_jax.sweeps.run_errors import RunError

DONE, FAILED, BAD_USAGE = 0, 1, 2
TRACEBACK_VARIABLE = "WD_JAX_TRACEBACK"
PROGRAM = "wd-jax"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Command and options. By default the process's own: the process is then taken to be there for this alone, and
        Ctrl-C or a signal to end it may end it anywhere.

    Returns
    -------
    int
        0 done, 1 failed, 2 bad usage, 130 interrupted (128 and the number of the signal). A mistake is one line on
        standard error, ``error: <thing>: <remedy>``; set WD_JAX_TRACEBACK=1 to see where it was raised. Nothing at all
        is bad usage too, so that a script notices, and is answered with the list of commands.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    wd-jax ...
    0
    """
    tokens = list(sys.argv[1:] if argv is None else argv)
    command: Command | None = None
    with files.noted() as written:
        leave = None if argv is not None else lambda number: ending.leave(number, command, written)
        if leave:
            interrupts.leave_at_once(leave)
        try:
            if not tokens:
                ending.tell(usage())
                return BAD_USAGE
            command = _choose(tokens)
            if command is not None:
                with interrupts.heard_at_safe_places(leave) if command.trains or not leave else nullcontext():
                    output = _run(command)
                    interrupts.check()
                _emit(output, command.json)
                if output.failed:
                    ending.flush()
                    return _complain(output.failed, FAILED)
            ending.flush()
            return DONE
        except (UsageError, files.ForeignFileError) as error:
            return _complain(str(error), BAD_USAGE)
        except KeyboardInterrupt as error:
            return _complain(ending.interrupted(command, written), 128 + ending.number(error))
        except NotWrittenError as error:
            from wd_jax.results import kept

            return _complain(kept.words(error), FAILED)
        except Exception as error:
            if os.environ.get(TRACEBACK_VARIABLE):
                raise
            return _complain(_worded(error), FAILED)


def usage() -> str:
    """List the commands, for ``wd-jax --help``."""
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {entry.summary}" for name, entry in COMMANDS.items())
    return (
        f"usage: {PROGRAM} COMMAND [OPTIONS]\n\n"
        "What weight decay does to a network: derived, simulated and compared.\n\n"
        f"commands:\n{listed}\n\n"
        f"`{PROGRAM} COMMAND --help` explains a command; --json makes any of them print one JSON object;\n"
        f'--version prints the version; eval "$({PROGRAM} --completion bash)" makes Tab complete words (or zsh).\n'
        "Exit codes: 0 done, 1 failed, 2 bad usage."
    )


def _choose(tokens: list[str]) -> Command | None:
    """Give the command to run; None if help, the version or a shell's completion was asked for and printed."""
    name, *rest = tokens
    if name in ("-h", "--help"):
        print(usage())
        return None
    if name == "--version" and rest:
        raise UsageError(f"{rest[0]}: not expected after --version: leave it out")
    if name == "--version":
        import wd_jax

        print(f"{PROGRAM} {wd_jax.__version__}")
        return None
    if name == "--completion":
        from wd_jax.cli import completion

        completion.show(rest, PROGRAM)
        return None
    if name.startswith("-") and (later := [word for word in rest if word in COMMANDS]):
        raise UsageError(f"{name}: an option before the command: write `{PROGRAM} {later[0]} {name} ...`")
    if name not in COMMANDS:
        what = f"{name}: unknown command" if name.strip() else "COMMAND: missing"
        raise UsageError(f"{what}: {nearest(name, COMMANDS)}see `{PROGRAM} --help`")
    return parse(COMMANDS[name].load(), f"{PROGRAM} {name}", rest)


def _run(command: Command) -> Output:
    """Run with standard output kept clear: whatever a library prints goes to standard error."""
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: _warn(str(message))
        return command.run()


def _emit(output: Output, as_json: bool) -> None:
    """Print the result, and its warnings apart from it."""
    for warning in output.warnings:
        _warn(warning)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without η shows a question mark, not a failure
    ending.show(output.to_json() if as_json else output.text)


def _worded(error: Exception) -> str:
    """Say in one line what failed; the library's own errors already name the thing and the remedy."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'file'}: {error.strerror.lower()}: check the path and its permissions"
    if isinstance(error, ValueError | OSError | ShadowedError | RunError) and str(error):
        return str(error)
    detail = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"unexpected {detail}: set {TRACEBACK_VARIABLE}=1 to see where, and report it"


def _warn(message: str) -> None:
    ending.tell(f"warning: {' '.join(message.split())}")


def _complain(message: str, code: int) -> int:
    ending.tell(f"error: {' '.join(message.split())}")
    return code
