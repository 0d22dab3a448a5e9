"""Runs the audit's measurement in a library's own environment; one that crashes costs no other."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).resolve().parents[2]
Record: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[[Sequence[str]], list[Record]]
SECONDS = 120
"""Allowed for one optimiser, besides those for starting."""
START = 300
BATCH = 32


class BrokenRunError(Exception):
    """A process that ended without its answers: one line."""


def measure(specs: Sequence[str], run: Run, progress: Callable[[str], None] = lambda line: None) -> list[Record]:
    """Measure many optimisers, some at once; where a process breaks, each of its half.

    Parameters
    ----------
    specs : sequence of str
        ``"torch:AdamW"``, ...
    run : callable
        ``run(specs)`` gives one record for each, or raises `BrokenRunError`.
    progress : callable
        Told of each batch that is done.

    Returns
    -------
    list of dict
        In the order asked; one that could not be measured has ``error``, one line.
    """
    found: list[Record] = []
    for first in range(0, len(specs), BATCH):
        some = specs[first : first + BATCH]
        found += _halving(some, run)
        progress(f"{min(first + BATCH, len(specs))} of {len(specs)}")
    return found


def _halving(specs: Sequence[str], run: Run) -> list[Record]:
    try:
        records = run(specs)
    except BrokenRunError as error:
        if len(specs) == 1:
            return [{"spec": specs[0], "error": str(error)}]
        half = len(specs) // 2
        return [*_halving(specs[:half], run), *_halving(specs[half:], run)]
    if [record.get("spec") for record in records] != list(specs):
        raise BrokenRunError(f"{specs[0]}: the records are not those that were asked for")
    return records


def in_environment(python: Path) -> Run:
    """Give the `Run` of an environment: ``python -m wd_jax.audit.measure``, with this checkout on its path."""

    def run(specs: Sequence[str]) -> list[Record]:
        command = [str(python), "-m", "wd_jax.audit.measure", *specs]
        quiet = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
        # Without its byte code kept, a library such as torch takes ten seconds of each start to compile.
        kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment = {**kept, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", **quiet}
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=START + SECONDS * len(specs),
                check=False,
                env=environment,
                cwd=python.parent,
            )
        except subprocess.TimeoutExpired as error:
            raise BrokenRunError(f"it was not done in {START + SECONDS * len(specs)} seconds") from error
        if done.returncode not in (0, 1):
            raise BrokenRunError(f"its process ended with {done.returncode}: {_last(done.stderr)}")
        return answers(done.stdout)

    return run


def answers(printed: str) -> list[Record]:
    """Read the records at the end of what was printed: some libraries print when they are imported.

    Raises
    ------
    BrokenRunError
        Where there are none.
    """
    lines = printed.splitlines()
    begins = [k for k, line in enumerate(lines) if line == "["]
    for k in begins:
        try:
            return json.loads("\n".join(lines[k:]))
        except json.JSONDecodeError:
            continue
    raise BrokenRunError(f"it printed no records: {_last(printed)}")


def _last(text: str) -> str:
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(said[-1].split())[:200] if said else "nothing was said"
