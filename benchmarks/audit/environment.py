"""A virtual environment with one library's pinned release: made once, and used again."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wd_jax.audit.adapters.library import Library

MADE = "wd_jax_audit_requirements"
"""A file in the environment that says what it holds: it is written last."""


class CannotInstallError(Exception):
    """Why a library could not be installed: one line."""


@dataclass(frozen=True)
class Environment:
    """Where one library lies.

    Attributes
    ----------
    python : Path
        Its interpreter.
    reused : bool
        Whether it was there already.
    """

    python: Path
    reused: bool


def make(library: Library, folder: Path) -> Environment:
    """Make the environment of a library, or find it made.

    Parameters
    ----------
    library : Library
        What it holds: ``requirements``, for the interpreter ``python``.
    folder : Path
        Of all environments; this one is ``folder/NAME``.

    Raises
    ------
    CannotInstallError
        In one line.
    """
    place = folder / library.name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.exists() and holds(place, library):
        return Environment(python, reused=True)
    if place.exists() and not (place / MADE).exists() and any(place.iterdir()) and not (place / "pyvenv.cfg").exists():
        raise CannotInstallError(f"{place}: is no virtual environment; name another folder (--environments)")
    folder.mkdir(parents=True, exist_ok=True)
    for command in commands(library, place, python, uv()):
        _run(command)
    (place / MADE).write_text(digest(library), encoding="utf-8")
    return Environment(python, reused=False)


def commands(library: Library, place: Path, python: Path, installer: str | None) -> list[list[str]]:
    """List what is run to make it: by uv where there is one, else by venv and pip."""
    if installer:
        start = [installer, "venv", "--quiet", "--clear", "--python", library.python, str(place)]
        install = [installer, "pip", "install", "--quiet", "--python", str(python)]
    else:
        start = [shutil.which(f"python{library.python}") or sys.executable, "-m", "venv", "--clear", str(place)]
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not library.build:
        return [start, [*install, *library.requirements]]
    return [start, [*install, *library.build], [*install, "--no-build-isolation", *library.requirements]]


def uv() -> str | None:
    """Find uv beside this interpreter or on the path."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv")


def holds(place: Path, library: Library) -> bool:
    """Say whether the environment there was made of these very requirements."""
    made = place / MADE
    return made.is_file() and made.read_text(encoding="utf-8") == digest(library)


def digest(library: Library) -> str:
    """Give a short name of what is installed and for which interpreter."""
    return hashlib.sha256("\n".join((library.python, *library.build, *library.requirements)).encode()).hexdigest()[:16]


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstallError(f"{command[0]}: {' '.join(str(error).split())[:200]}") from error
    if done.returncode:
        raise CannotInstallError(last_line(done.stderr) or last_line(done.stdout) or f"{command[0]} failed")


def last_line(text: str) -> str:
    """Give the last line that says something, without the pictures around it."""
    lines = [" ".join(line.strip(" │╰─▶×\t").split()) for line in text.splitlines()]
    said = [line for line in lines if line and not line.lower().startswith("hint")]
    return said[-1][:300] if said else ""
