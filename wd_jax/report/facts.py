"""How a run was made, for its report: command, machine, versions, settings."""

import datetime
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path

PACKAGES = ("wd-jax", "jax", "numpy", "scipy", "sympy", "xarray")


def machine() -> dict[str, str]:
    """Give devices and versions, as text."""
    import jax

    packages = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    return {
        "devices": f"{jax.device_count()} x {jax.devices()[0].device_kind}, {platform.machine()}",
        "versions": ", ".join([f"Python {platform.python_version()}", *packages]),
    }


def facts(
    out: Path,
    *,
    command: str,
    trained_by: str | None,
    preset: str,
    seeds: str,
    settings: str,
    seconds: float,
    missing: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Collect what a reader needs to run it again.

    Parameters
    ----------
    out : path
        Folder of the run.
    command, trained_by : str
        What wrote the report, and what trained; the same, or None, if nothing else did.
    preset, seeds, settings : str
        Dataset and size, seeds, and all other numbers.
    seconds : float
        That it took.
    missing : mapping of str to str, optional
        Experiments of the run that could not be judged, and why.

    Returns
    -------
    dict of str to str
        In the order they are shown; paths and commands as the user wrote them.

    Examples
    --------
    >>> said = {"preset": "digits, quick", "seeds": "0 to 7", "settings": "widths 8 16"}
    >>> found = facts(Path("runs/x"), command="wd-jax report", trained_by="wd-jax reproduce", seconds=59.6, **said)
    >>> found["trained by"], found["time"]
    ('wd-jax reproduce', '60 s')
    """
    return {
        "command": command,
        **({"trained by": trained_by} if trained_by and trained_by != command else {}),
        "folder": str(out),
        **({"not judged": "; ".join(f"{name} ({why})" for name, why in missing.items())} if missing else {}),
        "dataset, preset": preset,
        "seeds": seeds,
        "settings": settings,
        "time": f"{seconds:.0f} s",
        "written on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **machine(),
    }
