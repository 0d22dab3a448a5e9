"""wd_jax: what weight decay does to a neural network, derived, simulated and compared.

The package loads nothing heavy until a name is used: ``import wd_jax as wd`` is instant, ``wd.sweep`` loads JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

from wd_jax import forks

if TYPE_CHECKING:
    from wd_jax import audit as audit
    from wd_jax import conventions as conventions
    from wd_jax import data as data
    from wd_jax import notebook as notebook
    from wd_jax import report as report
    from wd_jax import stats as stats
    from wd_jax import theory as theory
    from wd_jax.audit.diagnosis.diagnose import diagnose as diagnose
    from wd_jax.audit.diagnosis.diagnosis import Diagnosis as Diagnosis
    from wd_jax.audit.translate import translate as translate
    from wd_jax.engine import probes as probes
    from wd_jax.engine.train import train as train
    from wd_jax.hyper import Hyper as Hyper
    from wd_jax.laboratory.lab import lab as lab
    from wd_jax.measurement import Probes as Probes
    from wd_jax.models.conv import conv as conv
    from wd_jax.models.model import mlp as mlp
    from wd_jax.models.own import model as model
    from wd_jax.models.transformer import transformer as transformer
    from wd_jax.optimisers import rules as rules
    from wd_jax.optimisers import schedules as schedules
    from wd_jax.optimisers.own import rule as rule
    from wd_jax.predictions.predict import predict as predict
    from wd_jax.predictions.prediction import Prediction as Prediction
    from wd_jax.results.concat import concat as concat
    from wd_jax.results.export import export as export
    from wd_jax.results.summary import summarise as summarise
    from wd_jax.setup import Setup as Setup
    from wd_jax.stats.comparison import compare as compare
    from wd_jax.stats.verdict import Verdict as Verdict
    from wd_jax.sweeps.opening import open_runs as open
    from wd_jax.sweeps.sweep import dry_run as dry_run
    from wd_jax.sweeps.sweep import sweep as sweep

_HOME = {
    "audit": "wd_jax.audit",
    "Setup": "wd_jax.setup:Setup",
    "Hyper": "wd_jax.engine.hyper_tree:Hyper",
    "Probes": "wd_jax.measurement:Probes",
    "conv": "wd_jax.models.conv:conv",
    "mlp": "wd_jax.models.model:mlp",
    "model": "wd_jax.models.own:model",
    "transformer": "wd_jax.models.transformer:transformer",
    "probes": "wd_jax.engine.probes",
    "rule": "wd_jax.optimisers.own:rule",
    "rules": "wd_jax.optimisers.rules",
    "schedules": "wd_jax.optimisers.schedules",
    "train": "wd_jax.engine.train:train",
    "lab": "wd_jax.laboratory.lab:lab",
    "dry_run": "wd_jax.sweeps.sweep:dry_run",
    "sweep": "wd_jax.sweeps.sweep:sweep",
    "predict": "wd_jax.predictions.predict:predict",
    "Prediction": "wd_jax.predictions.prediction:Prediction",
    "translate": "wd_jax.audit.translate:translate",
    "diagnose": "wd_jax.audit.diagnosis.diagnose:diagnose",
    "Diagnosis": "wd_jax.audit.diagnosis.diagnosis:Diagnosis",
    "concat": "wd_jax.results.concat:concat",
    "export": "wd_jax.results.export:export",
    "open": "wd_jax.sweeps.opening:open_runs",
    "summarise": "wd_jax.results.summary:summarise",
    "compare": "wd_jax.stats.comparison:compare",
    "Verdict": "wd_jax.stats.verdict:Verdict",
    "conventions": "wd_jax.conventions",
    "data": "wd_jax.data",
    "figures": "wd_jax.figures",
    "report": "wd_jax.report",
    "notebook": "wd_jax.notebook",
    "stats": "wd_jax.stats",
    "theory": "wd_jax.theory",
}

__version__ = "0.2.0"  # the only place that says it: pyproject.toml, the site and results read it here
__all__ = ["Diagnosis", "Hyper", "Prediction", "Probes", "Setup", "Verdict", "audit", "compare", "concat", "conv"]
__all__ += ["conventions", "data", "diagnose", "dry_run", "export", "figures", "lab", "mlp", "model", "notebook"]
__all__ += ["open", "predict", "probes", "report", "rule", "rules", "schedules", "stats", "summarise", "sweep"]
__all__ += ["theory", "train", "transformer", "translate"]


forks.watch()


def __getattr__(name: str) -> Any:
    """Load a public name from its home module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'wd_jax' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    module, _, attribute = _HOME[name].partition(":")
    loaded = importlib.import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted([*_HOME, "__version__"])
