"""Figures of what was measured: a function a kind, each drawn as a figure of its own or into axes that are there.

``wd.figures.trajectories(runs)`` makes a figure and returns what it drew; with ``ax=axes`` it draws into axes of yours
and leaves their look alone. Nothing is shown, and nothing of matplotlib is loaded before one is called.
"""

import importlib
from typing import TYPE_CHECKING, Any

from wd_jax import siblings

if TYPE_CHECKING:
    from experiments.outcome_figure import laboratory as laboratory
    from wd_jax.figures import bands as bands
    from wd_jax.figures import style as style
    from wd_jax.figures.drawn import Drawn as Drawn
    from wd_jax.figures.plots.budget import budget as budget
    from wd_jax.figures.plots.diagnosis import diagnosis as diagnosis
    from wd_jax.figures.plots.epoch_factor import epoch_factor as epoch_factor
    from wd_jax.figures.plots.phase import phase as phase
    from wd_jax.figures.plots.plateau import plateau as plateau
    from wd_jax.figures.plots.trajectories import trajectories as trajectories
    from wd_jax.figures.plots.two_starts import two_starts as two_starts
    from wd_jax.figures.plots.verdicts import verdicts as verdicts

_HOME = {
    "Drawn": "wd_jax.figures.drawn:Drawn",
    "bands": "wd_jax.figures.bands",
    "budget": "wd_jax.figures.plots.budget:budget",
    "diagnosis": "wd_jax.figures.plots.diagnosis:diagnosis",
    "epoch_factor": "wd_jax.figures.plots.epoch_factor:epoch_factor",
    "laboratory": "experiments.outcome_figure:laboratory",  # what judges lies above: it is only named here
    "phase": "wd_jax.figures.plots.phase:phase",
    "plateau": "wd_jax.figures.plots.plateau:plateau",
    "style": "wd_jax.figures.style",
    "trajectories": "wd_jax.figures.plots.trajectories:trajectories",
    "two_starts": "wd_jax.figures.plots.two_starts:two_starts",
    "verdicts": "wd_jax.figures.plots.verdicts:verdicts",
}

__all__ = [
    "Drawn",
    "bands",
    "budget",
    "diagnosis",
    "epoch_factor",
    "laboratory",
    "phase",
    "plateau",
    "style",
    "trajectories",
]
__all__ += ["two_starts", "verdicts"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax.figures' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    module, _, attribute = _HOME[name].partition(":")
    if module.startswith("experiments."):
        siblings.check("experiments", "derivations")
    loaded = importlib.import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(_HOME)
