"""``wd.predict``: what weight decay does over a run, the decay that does what is wanted; nothing is trained."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wd_jax.inputs import checks, limits, spellings
from wd_jax.optimisers import schedules
from wd_jax.optimisers.schedule import Schedule
from wd_jax.predictions import course, rates, refusals, rest, wants
from wd_jax.predictions.assumptions import at_typical_momentum, open_question
from wd_jax.predictions.kept import kept
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.prediction import Prediction
from wd_jax.predictions.setting import SPELLINGS, Setting


@spellings.answers_foreign_names
def predict(
    *,
    eta: float,
    n: int | None = None,
    m: int | None = None,
    lmbda: float | None = None,
    weight_decay: float | None = None,
    absolute_decay: float | None = None,
    momentum: float | None = None,
    nesterov: bool = False,
    optimiser: str = "",
    n_in: int | None = None,
    steps: int | None = None,
    epochs: int | None = None,
    tokens: int | None = None,
    tokens_per_step: int | None = None,
    eta_schedule: Schedule | str | None = None,
    lmbda_schedule: Schedule | str | None = None,
    beta1: float | None = None,
    beta2: float | None = None,
    dtype: str = "",
    batch_gradient_rms: float | None = None,
    want: str | Mapping[str, float] | None = None,
) -> Prediction:
    """Say what weight decay does to a weight on which nothing else acts: every law that needs no training.

    An epoch has ceil(n/m) steps, so where m does not divide n the formulas are given n/ceil(n/m) in its place. Given
    the length of a run, what is left of the start, the half-life, the timescale and the weight of data by age are told
    under its schedule; given a rule whose update has a size of its own, where weights settle and how fast they turn.

    Parameters
    ----------
    eta : float
        Learning rate, the largest of the run, dimensionless.
    n : int, optional
        Training-set size, examples; not needed where steps or tokens say how long the run is.
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
        nadamw, sign_momentum, lion and muon does not; adam_l2 and rmsprop_l2 have no rate without batch_gradient_rms.
    n_in : int, optional
        Inputs per neuron; given, t* is told: the epochs from N(0, 1) to N(0, 1/n_in), and Muon's size at rest.
    steps, epochs, tokens : int, optional
        How long the run is, one of them: steps of the optimiser, passes over n examples, or tokens.
    tokens_per_step : int, optional
        Tokens that a step uses, with tokens.
    eta_schedule, lmbda_schedule : Schedule or str, optional
        Of the learning rate and of the decay, as `wd_jax.Setup` has them: "cosine", ``wd.schedules.wsd()``.
    beta1, beta2 : float, optional
        Averaging factors of the rule; its own defaults if they are left out.
    dtype : {"float64", "float32", "bfloat16", "float16"}, optional
        Of the weights, for what rounding loses of the decay.
    batch_gradient_rms : float, optional
        Root mean square of the minibatch gradient, taken for noise: SGD's size at rest depends on it, and Adam's with
        L2 on its decay (adam_l2, rmsprop_l2), whose rate it is divided by.
    want : str or dict, optional
        In the place of a decay: what it is to do, solved under the run's schedule: ``"timescale=0.2"`` (share of the
        run), ``"half_life=5"`` (epochs, or steps where no epoch is known), ``"retained=0.1"``, ``"rms_at_rest=0.02"``.

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
    >>> run = predict(eta=3e-4, weight_decay=0.1, optimiser="adamw", steps=100_000, eta_schedule="cosine")
    >>> round(run.retained, 3), round(run.retained_at_constant_rate, 4), round(run.rms_at_rest, 4)
    (0.223, 0.0498, 0.0387)
    >>> wanted = predict(eta=3e-4, optimiser="adamw", steps=100_000, eta_schedule="cosine", want="timescale=0.2")
    >>> round(wanted.weight_decay, 4)
    0.3333
    """
    decays = {"lmbda": lmbda, "weight_decay": weight_decay, "absolute_decay": absolute_decay}
    counts = {"n": n, "m": m, "n_in": n_in, "steps": steps, "epochs": epochs}
    counts |= {"tokens": tokens, "tokens_per_step": tokens_per_step}
    numbers = {"momentum": momentum, "beta1": beta1, "beta2": beta2}
    given: dict[str, Any] = {name: _counted(name, value) for name, value in counts.items()}
    given |= {name: None if decays[name] is None else checks.at_least_0(name, decays[name]) for name in SPELLINGS}
    given |= {name: None if value is None else checks.number(name, value) for name, value in numbers.items()}
    if batch_gradient_rms is not None:
        given["batch_gradient_rms"] = checks.at_least_0("batch_gradient_rms", batch_gradient_rms, above=True)
    setting = Setting(
        **given,
        eta=checks.at_least_0("eta", eta, above=True),
        nesterov=checks.flag("nesterov", nesterov),
        optimiser=optimiser,
        eta_schedule=None if eta_schedule is None else schedules.chosen("eta_schedule", eta_schedule),
        lmbda_schedule=None if lmbda_schedule is None else schedules.chosen("lmbda_schedule", lmbda_schedule),
        dtype=str(getattr(dtype, "__name__", dtype) or ""),
    )
    wanted = None if want is None else wants.read(want)
    refusals.check(setting, PYTHON, wanted is not None)
    return of(setting, wanted)


def of(setting: Setting, want: wants.Want | None = None, language: Language = PYTHON) -> Prediction:
    """Evaluate every law that needs no training for a setting that has been checked.

    Parameters
    ----------
    setting : Setting
        Without a decay where one is wanted.
    want : Want, optional
        What the decay is to do.
    language : Language
        In which a want that cannot be is refused.
    """
    solved = None
    if want is not None:
        solved = wants.solve(setting, want, language)
        setting = dataclasses.replace(setting, weight_decay=solved.weight_decay)
        refusals.check_strength(setting, language)
    found = _of_epochs(setting) | _of_steps(setting)
    settled = rates.settled(setting.epsilon, setting.through, setting.nesterovs) if setting.through else setting.epsilon
    return Prediction(
        setting=setting,
        solved=solved,
        lmbda=setting.nielsen,
        weight_decay=setting.coefficient,
        m=None if setting.n is None else setting.batch,
        steps_per_epoch=setting.steps_per_epoch,
        per_step_decay=setting.epsilon,
        half_life_epochs_at_typical_momentum=_at_typical_momentum(setting),
        rest=rest.of(setting),
        decays=course.removed(setting, setting.pull),
        decay_kept=kept(settled, setting.dtype),
        **found,
    )


def _of_epochs(setting: Setting) -> dict[str, Any]:
    """Choose the laws of the momentum there is, and evaluate them, where epochs are known and eta is constant."""
    momentum = {"momentum": setting.through} if setting.through and setting.coefficient else {}
    if momentum:
        epsilon = setting.epsilon
        momentum["per_step_decay_with_momentum"] = rates.settled(epsilon, setting.through, setting.nesterovs)
        momentum["oscillates"] = bool(rates.oscillating(epsilon, setting.through, setting.nesterovs))
    lmbda, n, n_in = setting.nielsen, setting.n, setting.n_in
    if setting.scheduled or n is None or lmbda is None:
        return momentum
    if lmbda == 0:
        return rates.without_decay(n_in)
    if not momentum:
        return rates.plain(setting.eta, lmbda / setting.divisor, n, setting.batch, n_in)
    found = rates.coupled(setting.eta, lmbda, n, setting.batch, setting.through, setting.nesterovs, n_in)
    return momentum | found


def _of_steps(setting: Setting) -> dict[str, Any]:
    """Follow the run; where nobody said how long it is the rate is constant, and one step is as good as another."""
    run = course.of(setting if setting.total_steps is not None else dataclasses.replace(setting, steps=1))
    found: dict[str, Any] = {
        "course": run if setting.total_steps is not None else None,
        "half_life_steps": run.half_life_steps,
        "timescale_steps": run.timescale_steps,
        "steps_to_rest": run.steps_to_rest,
    }
    each = setting.steps_per_epoch
    if setting.scheduled and each is not None:
        found["half_life_epochs"] = run.half_life_steps / each
        if setting.n_in is not None:
            found["epochs_to_fan_in_exact"] = course.steps_to_factor(setting, setting.n_in**-0.5) / each
    return found


def _at_typical_momentum(setting: Setting) -> float | None:
    known = open_question(setting) and setting.n is not None and not setting.scheduled
    return at_typical_momentum(setting) if known else None


def _counted(name: str, value: Any) -> int | None:
    return None if value is None else limits.counted(name, value, limits.ROWS_OF_FORMULAS)
