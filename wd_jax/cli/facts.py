"""How a run was made, for its report: command, machine, versions, settings."""

import datetime
import importlib.metadata
import platform
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PACKAGES = ("wd-jax", "jax", "numpy", "scipy", "sympy", "xarray")


def command() -> str:
    """Give the command line as it can be typed again.

    Examples
    --------
    >>> command().split()[0]
    'wd-jax'
    """
    return shlex.join(["wd-jax", *sys.argv[1:]])


def machine() -> dict[str, str]:
    """Give devices and versions, as text."""
    import jax

    packages = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    return {
        "devices": f"{jax.device_count()} x {jax.devices()[0].device_kind}, {platform.machine()}",
        "versions": ", ".join([f"Python {platform.python_version()}", *packages]),
    }


def facts(out: Path, settings: Mapping[str, Any], preset_name: str, began: float) -> dict[str, str]:
    """Collect what a reader needs to run it again.

    Parameters
    ----------
    out : path
        Folder of the run.
    settings : mapping
        What ``settings.json`` holds.
    preset_name : str
        Size of the preset, or where the results come from.
    began : float
        ``time.monotonic()`` when the command began.

    Returns
    -------
    dict of str to str
        In the order they are shown; paths and commands as the user wrote them.

    Examples
    --------
    >>> settings = {"dataset": "digits", "seeds": 8, "factor_seeds": 9, "width_seeds": 6, "widths": [8, 16]}
    >>> found = facts(Path("runs/x"), settings, "quick", time.monotonic())
    >>> found["seeds"], found["settings"]
    ('0 to 7; of claim 2 0 to 8; of claim 3 0 to 5', 'widths 8 16')
    """
    made_by = settings.get("made_by")
    kept = {key: value for key, value in settings.items() if key not in _SHOWN_ELSEWHERE}
    trained = {"trained by": made_by} if isinstance(made_by, str) and made_by != command() else {}
    return {
        "command": command(),
        **trained,
        "folder": str(out),
        "dataset, preset": f"{settings['dataset']}, {preset_name}",
        "seeds": "; ".join(_seeds(settings)),
        "settings": ", ".join(f"{key} {_value(value)}" for key, value in kept.items()),
        "time": f"{time.monotonic() - began:.0f} s",
        "written on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **machine(),
    }


_SEEDS = {"seeds": "", "factor_seeds": "of claim 2 ", "width_seeds": "of claim 3 "}
_SHOWN_ELSEWHERE = {"format", "experiments", "size", "dataset", "made_by", "first_seed", *_SEEDS}


def _seeds(settings: Mapping[str, Any]) -> list[str]:
    first = settings.get("first_seed", 0)
    return [f"{what}{first} to {first + settings[name] - 1}" for name, what in _SEEDS.items() if name in settings]


def _value(value: Any) -> str:
    return " ".join(f"{part}" for part in value) if isinstance(value, list | tuple) else f"{value}"
