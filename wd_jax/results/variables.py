"""What a result holds: every variable and coordinate with its meaning and unit; variables are those of the probes."""

from collections.abc import Collection, Sequence

from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Variable
from wd_jax.measurement import Probes
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import Coefficient

VARIABLES = registry.variables()
"""Of the library's own probes, by name."""

DIVERGED = (
    "epoch of the first value that is not finite",
    "epoch",
    "-1 if there is none; from then on all is NaN; a cost beyond 1e15 times that of outputs of 0 counts as one",
)

COORDINATES: dict[str, tuple[str, str, str]] = {
    # name: (meaning, unit, what to know); the numbers of members are described by their rules
    "init": (
        "initialisation of the weights",
        "1",
        "gaussian: N(0, 1); fan_in: N(0, 1/n_in); biases always N(0, 1); own: as a model of your own says",
    ),
    "activation": ("activation of the hidden units", "1", "sigmoid, tanh, relu, erf or gelu"),
    "norm": ("normalisation of hidden pre-activations", "1", "layer, rms, batch or none"),
    "biases": ("whether pre-activations have biases", "1", "where they have none, normalisations have no offsets"),
    "model": ("model of your own", "1", "its name: its functions are not stored"),
    "layer_name": ("place of the layer in the parameters", "1", "of a model of your own"),
    "decays": ("which leaves of the parameters decay", "1", "layers, where this is not said; all; or as a tree says"),
    "loss": ("data cost", "1", "cross_entropy, quadratic (half the squared error), softmax or mean_squared_error"),
    "optimiser": ("update rule", "1", "how it decays weights: see update_rule"),
    "batch_size": ("minibatch size m", "examples", "a shorter last batch is averaged over its own length"),
    "sampling": ("how minibatches are drawn", "1", "reshuffle: without replacement in an epoch; iid: with"),
    "order": ("whose minibatch order", "1", "seed: one for each seed; shared: one for all, no interval over seeds"),
    "dtype": (
        "type of weights and arithmetic",
        "1",
        "float32 or float64; of bfloat16 weights the arithmetic is float32",
    ),
    "rounding": (
        "what becomes of what rounding takes off weights",
        "1",
        "nearest, where this is not said: it is lost; compensated: it is kept beside them",
    ),
    "depth": ("number of hidden layers", "1", "0 where inputs and outputs are connected directly"),
    "hidden": ("units of each hidden layer", "1", "0 where there is none, no number where they differ"),
    "seed": ("seed of initialisation and minibatch order", "1", "members of one seed see the same minibatches"),
    "layer": ("layer of weights", "1", "1 is the first hidden layer"),
    "split": ("part of the data set", "1", "train, validation or test"),
    "epoch": ("passes over the training set", "epoch", "0 is before training; of iid sampling, as many draws"),
    "n": ("training-set size", "examples", "of the training split"),
    "m": ("minibatch size", "examples", "a shorter last batch is averaged over its own length"),
    "steps_per_epoch": ("steps per epoch", "1", "n / m, rounded up"),
    "n_w": ("number of weights of the layer", "1", "biases excluded"),
    "n_in": ("inputs of each neuron of the layer", "1", "its bias excluded"),
    "per_step_factor": (
        "factor of a weight per step of decay",
        "1",
        "1 - eta lmbda / n, with eta, lmbda and n in the dtype; rounding keeps decay_kept of it where no gradient is; "
        "1 - lmbda / n of an absolute decay, no number of one that goes through the rule or that a schedule changes",
    ),
    "eta_schedule": ("schedule of the learning rate", "1", "the factor on eta in each step, at most 1: a wd.schedules"),
    "lmbda_schedule": ("schedule of the decay", "1", "the factor on lmbda in each step, at most 1: a wd.schedules"),
    "eta_mean": ("mean learning rate over the record", "1", "of its steps; at epoch 0 that of the first step"),
    "eta_last": ("learning rate of the record's last step", "1", "at epoch 0 that of the first step"),
    "lmbda_mean": ("mean regularisation rate over the record", "1", "of its steps; at epoch 0 that of the first step"),
    "lmbda_last": ("regularisation rate of the record's last step", "1", "at epoch 0 that of the first step"),
    "decay_log_factor": (
        "logarithm of the factor of a weight by decay over the record",
        "1",
        "sum over its steps of log |1 - share|, share eta lmbda / n of that step or what the update says; summed over "
        "epochs, of the run; no number of a decay that goes through the rule",
    ),
    "total_steps": ("length of the schedule of eta", "steps", "T; no number of one that has none or another end"),
    "warmup_steps": ("steps of warm-up", "steps", "T_1 of the schedule of eta"),
    "stable_steps": ("steps at the largest learning rate", "steps", "T_2 of the schedule of eta"),
    "cooldown_steps": ("steps of cool-down", "steps", "T_3 of the schedule of eta"),
    "t_c": ("steps after which eta has halved", "steps", "of inverse time"),
    "decay_kept": (
        "share of the decay that weights without gradient keep in the dtype",
        "1",
        "expected over the run: 1 if rounding loses nothing, above 1 if too fast; in blocks the first layer loses less;"
        " none of a decay without a rate, or that a schedule changes",
    ),
    "decay_measured": (
        "share of the decay that a control measured",
        "1",
        "weights without gradient, spread over a power of 2, stepped by the same rule in the same dtype, for the run's "
        "steps but 4096 at most; of a velocity, whose decay must build up, less in short runs; none where no decay has "
        "a rate",
    ),
    "update_rule": ("update of one step", "1", "g the mean gradient of a minibatch, t the number of the step"),
    "gradients": (
        "gradients of the laboratory",
        "1",
        "made up: independent, shuffled, scale_invariant, ...; no network",
    ),
    "step": ("steps taken", "steps", "of the laboratory: at the record's end"),
    "batch_noise": ("variance of the minibatch gradient", "1", "of each weight, as drawn in the laboratory"),
    "batch_gradient_rms": (
        "root mean square minibatch gradient",
        "1",
        "over weights, as it is drawn in the laboratory",
    ),
    "status": (
        "what became of the member",
        "1",
        "ok; diverged: see diverged_at; of a run in a folder also missing (not run yet) and failed (by an error)",
    ),
    "dataset": ("name of the data set", "1", "the same name does not mean the same data: see dataset_sha256"),
    "dataset_sha256": ("hash of the data set", "1", "of all its arrays: the same data, the same hash"),
    "target_kind": ("what a target is", "1", "one_hot, distribution, binary, multilabel, real or classes"),
    "accuracy_means": ("what accuracy counts", "1", "it depends on the targets; real ones have none"),
    "method": ("how members were trained", "1", "in blocks with others of their seed, or one by one (generic)"),
    "environment": ("what it ran on", "1", "JSON: devices, versions of packages, precision of matrix products"),
    "config": ("settings of the member's sweep", "1", "JSON, as wd_jax.sweep was asked, with its seeds as ranges"),
    "config_hash": ("hash of config", "1", "members of one sweep have the same; first 16 digits of a SHA-256"),
    "no_budget": ("why there is no budget and no displacement by decay", "1", "no part of a step is decay alone"),
    "independent_seeds": ("whether seeds have minibatch orders of their own", "1", "an interval over seeds needs it"),
}


KEPT = ("weights", "biases", "gains", "offsets", "others")
"""What final parameters are called, the number of the layer behind it; others are of models of your own."""


def table(probes: Probes) -> dict[str, Variable]:
    """Tabulate the variables that a run may hold, those of its own probes among them."""
    return registry.variables(probes)


def check_names(probes: Probes, coefficients: Collection[str] = ()) -> None:
    """Refuse a variable of a run's own probes, or a number of its rule, named as something else in a result.

    Parameters
    ----------
    probes : Probes
        Of the run.
    coefficients : collection of str
        What its own rule reads; what the library's rules read is known.

    Raises
    ------
    ValueError
        Naming the probe or the number, and the variable.
    """
    if both := [name for name in coefficients if name in VARIABLES]:
        raise ValueError(f"coefficient {both[0]!r}: a variable of every result has that name; choose another")
    for probe in probes.extra:
        for name in probe.names:
            if name in (*COORDINATES, *rules.NAMES, *coefficients, "diverged_at") or _kept(name):
                raise ValueError(f"extra: probe {probe.name!r} has a variable {name}, as every result has: rename it")


def _kept(name: str) -> bool:
    """Whether it is one of the final parameters: weights_1 [n_in, n_out], biases_1 [n_out]."""
    kind, _, layer = name.partition("_")
    return kind in KEPT and layer.isdigit()


def described(
    name: str, variables: dict[str, Variable] = VARIABLES, coefficients: Sequence[Coefficient] = rules.NUMBERS
) -> dict[str, str]:
    """Say what a variable or coordinate is: xarray prints `long_name` and `units` on the axes of a plot.

    Parameters
    ----------
    name : str
        As in a result of `wd_jax.sweep`.
    variables : dict
        The variables to look among, as `table` gives them: the library's unless told.
    coefficients : sequence of Coefficient
        What the rules of the result read; those of the library's rules unless told.

    Returns
    -------
    dict of str to str
        ``long_name``, ``units`` ("1" for a pure number) and ``description``, the attributes of the variable.

    Raises
    ------
    KeyError
        For a name that is in no table.

    Examples
    --------
    >>> described("eta")
    {'long_name': 'learning rate', 'units': '1', 'description': 'of every step, constant'}
    """
    if name in variables:
        return variables[name].attributes
    own = [one for one in coefficients if one.name == name]
    if own:  # several rules may read a number of one name
        said = "; ".join(dict.fromkeys(one.description for one in own if one.description))
        words = (own[0].long_name, own[0].units, said)
    elif name in COORDINATES:
        words = COORDINATES[name]
    elif name == "diverged_at":  # a coordinate, so that each variable taken from a result says who diverged
        words = DIVERGED
    elif not _kept(name):
        raise KeyError(
            f"{name!r} is of no probe (wd_jax/engine/probes) and has no row in COORDINATES of "
            "wd_jax/results/variables.py: add its meaning, unit and description"
        )
    else:
        kind, _, layer = name.partition("_")
        what = f"{kind} of layer {layer}"
        what = f"parameters beside the layers, number {layer} of them," if kind == "others" else what
        words = (f"{what} after the last step", "1", "kept because of Probes(keep_weights=True)")
    return dict(zip(("long_name", "units", "description"), words, strict=True))
