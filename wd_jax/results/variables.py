"""The one table of what a result holds: every variable and coordinate with its meaning and unit."""

from collections.abc import Sequence

from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import Coefficient

VARIABLES: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    # name: (dims before epoch, meaning, unit, how it is measured)
    "weight_rms": (("layer",), "root mean square weight", "1", "sqrt(|W|^2 / n_w) of one layer, biases excluded"),
    "weight_norm2": (
        ("layer",),
        "squared Frobenius norm of the weights",
        "1",
        "|W|^2, the sum of the squared weights of one layer, biases excluded",
    ),
    "budget_decay": (
        ("layer",),
        "change of the squared norm by decay, summed over the record",
        "1",
        "sum over steps of -eps (2 - eps) |W|^2 with eps = eta lmbda / n; negative",
    ),
    "budget_drift": (
        ("layer",),
        "change of the squared norm along the gradient, summed over the record",
        "1",
        "sum over steps of -2 (1 - eps) <W, U>, U the gradient's step; decay + drift + noise is the change of |W|^2",
    ),
    "budget_noise": (
        ("layer",),
        "change of the squared norm by squared gradient steps, summed over the record",
        "1",
        "sum over steps of |U|^2, U the gradient's step: its mean's square is in it too",
    ),
    "budget_drift_traffic": (
        ("layer",),
        "change of the squared norm along the gradient without its sign, summed over the record",
        "1",
        "sum over steps of |2 (1 - eps) <W, U>|: does not depend on how long a record is, as |budget_drift| does",
    ),
    "moved_by_decay": (
        ("layer",),
        "norm of the displacement by decay over the record",
        "1",
        "norm of the sum over steps of -eps W",
    ),
    "moved_by_gradient": (
        ("layer",),
        "norm of the displacement by the gradient over the record",
        "1",
        "norm of the sum over steps of -U, the rest of the displacement",
    ),
    "gradient_norm2": (
        ("layer",),
        "squared norm of the full-batch data gradient",
        "1",
        "of the data cost per example, without the L2 term, over the training split",
    ),
    "sample_gradient_norm2": (
        ("layer",),
        "mean squared norm of one example's data gradient",
        "1",
        "average over the training split",
    ),
    "weight_dot_gradient": (
        ("layer",),
        "inner product of weights and full-batch data gradient",
        "1",
        "<W, grad C_0> over the training split",
    ),
    "saturated": (
        ("layer",),
        "fraction of sigmoid activations outside [0.1, 0.9], validation split",
        "1",
        "over examples and hidden units; no number for the output layer and for other units",
    ),
    "dead_input_rms": (
        (),
        "root mean square of first-layer weights on inputs that are always zero",
        "1",
        "they only decay: the control; no number where no input is dead",
    ),
    "cost": (
        ("split",),
        "data cost per example",
        "1",
        "mean over the split, without the L2 term; in nats, but for the quadratic loss",
    ),
    "accuracy": (
        ("split",),
        "fraction right",
        "1",
        "of the split; what is right depends on the targets: see accuracy_means",
    ),
    "penalty": (
        (),
        "L2 term",
        "1",
        "lmbda / (2 n) times the sum of all squared weights; part of the cost that sgd descends, and only of that",
    ),
}

DIVERGED = ("epoch of the first value that is not finite", "epoch", "-1 if there is none; from then on all is NaN")

COORDINATES: dict[str, tuple[str, str, str]] = {
    # name: (meaning, unit, what to know); the numbers of members are described by their rules
    "init": ("initialisation of the weights", "1", "gaussian: N(0, 1); fan_in: N(0, 1/n_in); biases always N(0, 1)"),
    "activation": ("activation of the hidden units", "1", "sigmoid, tanh or relu"),
    "loss": ("data cost", "1", "cross_entropy, quadratic (half the squared error) or softmax"),
    "optimiser": ("update rule", "1", "all decay weights, never biases, by eta lmbda / n per step"),
    "batch_size": ("minibatch size m", "examples", "a shorter last batch is averaged over its own length"),
    "sampling": ("how minibatches are drawn", "1", "reshuffle: without replacement in an epoch; iid: with"),
    "order": ("whose minibatch order", "1", "seed: one for each seed; shared: one for all, no interval over seeds"),
    "dtype": ("type of weights and arithmetic", "1", "float32 or float64"),
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
        "1 - eta lmbda / n, with eta, lmbda and n in the dtype; rounding keeps decay_kept of it where no gradient is",
    ),
    "decay_kept": (
        "share of the decay that weights without gradient keep in the dtype",
        "1",
        "expected over the run: 1 if rounding loses nothing, above 1 if too fast; in blocks the first layer loses less",
    ),
    "update_rule": ("update of one step", "1", "g the mean gradient of a minibatch, t the number of the step"),
    "dataset": ("name of the data set", "1", "the same name does not mean the same data: see dataset_sha256"),
    "dataset_sha256": ("hash of the data set", "1", "of all its arrays: the same data, the same hash"),
    "target_kind": ("what a target is", "1", "one_hot, binary, multilabel or real"),
    "accuracy_means": ("what accuracy counts", "1", "it depends on the targets; real ones have none"),
    "method": ("how members were trained", "1", "in blocks with others of their seed, or one by one (generic)"),
    "environment": ("what it ran on", "1", "JSON: devices, versions of packages, precision of matrix products"),
    "config": ("settings of the member's sweep", "1", "JSON, as wd_jax.sweep was asked, with its seeds as ranges"),
    "config_hash": ("hash of config", "1", "members of one sweep have the same; first 16 digits of a SHA-256"),
    "independent_seeds": ("whether seeds have minibatch orders of their own", "1", "an interval over seeds needs it"),
}


def described(name: str, coefficients: Sequence[Coefficient] = rules.NUMBERS) -> dict[str, str]:
    """Say what a variable or coordinate is: xarray prints `long_name` and `units` on the axes of a plot.

    Parameters
    ----------
    name : str
        As in a result of `wd_jax.sweep`.
    coefficients : sequence of Coefficient
        What the rules of the result read; those of the library's rules unless told.

    Returns
    -------
    dict of str to str
        ``long_name``, ``units`` ("1" for a pure number) and ``description``, the attributes of the variable.

    Raises
    ------
    KeyError
        For a name that the table lacks.

    Examples
    --------
    >>> described("eta")
    {'long_name': 'learning rate', 'units': '1', 'description': 'of every step, constant'}
    """
    kind, _, layer = name.partition("_")
    own = [one for one in coefficients if one.name == name]
    if name in VARIABLES:
        words = VARIABLES[name][1:]
    elif own:  # several rules may read a number of one name
        said = "; ".join(dict.fromkeys(one.description for one in own if one.description))
        words = (own[0].long_name, own[0].units, said)
    elif name in COORDINATES:
        words = COORDINATES[name]
    elif name == "diverged_at":  # a coordinate, so that each variable taken from a result says who diverged
        words = DIVERGED
    elif kind not in ("weights", "biases"):
        raise KeyError(f"{name!r} has no row in wd_jax/results/variables.py: add its meaning, unit and description")
    else:  # weights_1 [n_in, n_out], biases_1 [n_out]
        words = (f"{kind} of layer {layer} after the last step", "1", "kept because of Probes(keep_weights=True)")
    return {key: text for key, text in zip(("long_name", "units", "description"), words, strict=True)}
