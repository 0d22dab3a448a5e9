"""``wd.predict``: the factors, the half-life and t* of one setting, without training anything."""

import math
from typing import Any

from wd_jax.inputs import checks, limits, spellings
from wd_jax.predictions import rates
from wd_jax.predictions.assumptions import at_typical_momentum, open_question
from wd_jax.predictions.kept import kept
from wd_jax.predictions.prediction import Prediction
from wd_jax.predictions.setting import SPELLINGS, Setting


@spellings.answers_foreign_names
def predict(
    *,
    eta: float,
    n: int,
    m: int | None = None,
    lmbda: float | None = None,
    weight_decay: float | None = None,
    absolute_decay: float | None = None,
    momentum: float | None = None,
    nesterov: bool = False,
    optimiser: str = "",
    n_in: int | None = None,
) -> Prediction:
    """Say what weight decay does to a weight on which nothing else acts: every law that needs no training.

    An epoch has ceil(n/m) steps, so where m does not divide n the formulas are given n/ceil(n/m) in its place.

    Parameters
    ----------
    eta : float
        Learning rate, dimensionless.
    n : int
        Training-set size, examples.
    m : int, optional
        Minibatch size, in the unit of n; 10 by default.
    lmbda, weight_decay, absolute_decay : float, optional
        Exactly one of them: Nielsen's regularisation rate; lmbda/n, the weight_decay of AdamW, Lion and SGD;
        eta*lmbda/n, Loshchilov's decay per step.
    momentum : float, optional
        Of SGD as in PyTorch, below 1, with the decay in the gradient; none is assumed if it is left out.
    nesterov : bool
        Whether the momentum is Nesterov's.
    optimiser : str
        One of the library's: the decay of sgd, momentum and nesterov goes through the momentum, that of sgdw, adamw,
        nadamw, sign_momentum, lion and muon does not; adam_l2 and rmsprop_l2 have no rate.
    n_in : int, optional
        Inputs per neuron; given, t* is told: the epochs from N(0, 1) to N(0, 1/n_in).

    Returns
    -------
    Prediction
        Numbers as attributes, with what they assume and what is doubtful; ``record()`` is JSON-ready.

    Raises
    ------
    ValueError
        For a value outside its range, in one line with the remedy.

    Examples
    --------
    >>> found = predict(eta=0.1, lmbda=5.0, n=50_000, m=10, n_in=784)
    >>> round(found.per_epoch_factor, 6), round(found.epochs_to_fan_in, 2), found.doubts
    (0.951229, 66.64, ())
    """
    decays = {"lmbda": lmbda, "weight_decay": weight_decay, "absolute_decay": absolute_decay}
    setting = Setting(
        eta=_number("eta", eta, above=True),
        n=limits.counted("n", n, limits.ROWS_OF_FORMULAS),
        m=None if m is None else limits.counted("m", m, limits.ROWS_OF_FORMULAS),
        **{name: None if decays[name] is None else _number(name, decays[name]) for name in SPELLINGS},
        momentum=None if momentum is None else checks.number("momentum", momentum),
        nesterov=checks.flag("nesterov", nesterov),
        optimiser=optimiser,
        n_in=None if n_in is None else limits.counted("n_in", n_in, limits.ROWS_OF_FORMULAS),
    )
    setting.check()
    return of(setting)


def of(setting: Setting) -> Prediction:
    """Evaluate every law that needs no training for a setting that has been checked."""
    found = _rates(setting)
    return Prediction(
        setting=setting,
        lmbda=setting.nielsen,
        weight_decay=setting.coefficient,
        m=setting.batch,
        steps_per_epoch=setting.steps,
        per_step_decay=setting.epsilon,
        half_life_epochs_at_typical_momentum=at_typical_momentum(setting) if open_question(setting) else None,
        decay_kept=kept(found.get("per_step_decay_with_momentum", setting.epsilon)),
        **found,
    )


def _rates(setting: Setting) -> dict[str, Any]:
    """Choose the laws of the momentum there is, and evaluate them."""
    eta, lmbda, n, m, n_in = setting.eta, setting.nielsen, setting.n, setting.batch, setting.n_in
    momentum = 0.0 if setting.decoupled else setting.momentum or 0.0
    if lmbda == 0:
        return rates.without_decay(n_in)
    if momentum == 0:
        return rates.plain(eta, lmbda, n, m, n_in)
    return {"momentum": momentum} | rates.coupled(eta, lmbda, n, m, momentum, setting.nesterovs, n_in)


def _number(name: str, value: Any, above: bool = False) -> float:
    """Give a finite number of at least 0, or above it."""
    found = checks.number(name, value)
    if not math.isfinite(found) or found < 0 or (above and found == 0):
        what = "above 0" if above else "of at least 0"
        raise ValueError(f"{name}={checks.shown(value)}: give a finite number {what}")
    return found
