"""The packages that come with wd_jax, and what is said where a folder of the same name hides one of them."""

import importlib.util
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
"""Where wd_jax, derivations and experiments lie beside each other."""


class ShadowedError(ImportError):
    """A package of the same name lies before ours on Python's path: one line, with the remedy."""


def check(*names: str) -> None:
    """Refuse to go on with a package that only has the name of ours.

    Parameters
    ----------
    *names : str
        "derivations", "experiments".

    Raises
    ------
    ShadowedError
        Naming the other package and the remedy.

    Examples
    --------
    >>> check("derivations", "experiments")
    """
    for name in names:
        found = _found(name)
        if found is not None and found != HOME / name:
            raise ShadowedError(
                f"{name}: {found} shadows wd_jax's package: start Python elsewhere or with -P, take {found.parent} off "
                "PYTHONPATH, or rename it"
            )


def leave_out_the_working_folder(path: list[str]) -> None:
    """Take the folder where a program was started off Python's path, if it hides one of our packages.

    For a process that is the command line's own: it imports nothing from there. A checkout of wd_jax itself is left.

    Parameters
    ----------
    path : list of str
        ``sys.path``, changed in place.
    """
    here = Path.cwd()
    if here == HOME or not any(_lies_in(here, name) for name in ("derivations", "experiments")):
        return
    path[:] = [entry for entry in path if Path(entry).resolve() != here]


def _lies_in(folder: Path, name: str) -> bool:
    return (folder / name / "__init__.py").is_file() or (folder / f"{name}.py").is_file()


def _found(name: str) -> Path | None:
    """Folder of the package, or the file of the module, that ``import name`` gives; None if there is none."""
    module = sys.modules.get(name)
    origin = getattr(module, "__file__", None)
    if module is None:
        spec = importlib.util.find_spec(name)
        origin = spec.origin if spec else None
    if origin is None:
        return None
    file = Path(origin).resolve()
    return file.parent if file.stem == "__init__" else file
