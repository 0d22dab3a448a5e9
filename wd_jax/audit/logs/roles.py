"""What a column is, by its name: the names that training programs write."""

import re
from dataclasses import dataclass

ALL = "all weights"
"""Name of the layer that stands for one norm of the whole network."""
STEPS = ("step", "global_step", "trainer/global_step", "train/global_step", "steps", "training_step", "train_step")
STEPS += ("iteration", "iterations", "iter", "it", "n_iter", "num_steps", "num_updates", "update", "batch", "_step")
EPOCHS = ("epoch", "train/epoch", "trainer/epoch", "epochs", "ep", "current_epoch", "epoch_num")
RATES = ("lr", "learning_rate", "learning-rate", "learningrate", "current_lr", "epoch_lr", "epoch_learning_rate")
DECAYS = ("weight_decay", "weight-decay", "wd", "weightdecay", "decay", "current_wd")
CLOCKS = ("_runtime", "_timestamp", "time", "wall_time", "walltime", "timestamp", "elapsed", "relative time (process)")

_GROUPS = r"(?:(?:train|training|trainer|charts|metrics|stats|optim|optimizer|optimiser|debug|monitor|global|params)/)*"
_WEIGHTS = r"(?:weights?|params?|parameters?|kernels?|model)"
_GRADIENTS = r"(?:grads?|gradients?)"


def _norms_of(what: str) -> tuple[re.Pattern[str], ...]:
    """List the ways in which the norm of one layer is named: what/of, what before or after the layer."""
    forms = (
        rf"{what}[_\- ]?(?:l2[_\-]?)?norms?(?:_l2)?[/.:](?P<layer>.+)",  # weight_norm/x, param_norms/x
        rf"(?:l2_?)?norms?/{what}/(?P<layer>.+)",  # l2_norm/param/x
        rf"{what}/(?P<layer>.+)/(?:l2_?)?norm",  # weight/x/norm
        rf"(?P<layer>.+)[/.]{what}_(?:l2_?)?norm",  # x/weight_norm
    )
    return tuple(re.compile(_GROUPS + form, re.IGNORECASE) for form in forms)


_WEIGHT_NORMS = _norms_of(_WEIGHTS)
_GRADIENT_NORMS = (
    *_norms_of(_GRADIENTS),
    re.compile(_GROUPS + r"grad_2(?:\.0)?_norm[/_](?P<layer>.+)", re.IGNORECASE),  # Lightning's grad_norm
    re.compile(_GROUPS + r"layer_grad_l2_norm/(?P<layer>.+)", re.IGNORECASE),  # Composer's
)
_WHOLE_NORM = re.compile(_GROUPS + _WEIGHTS + r"[_\- ]?(?:l2[_\-]?)?norm(?:[_/](?:total|global|all))?", re.IGNORECASE)
_WHOLE_GRADIENT = re.compile(
    _GROUPS + rf"(?:{_GRADIENTS}[_\- ]?(?:l2[_\-]?)?norm(?:[_/](?:total|global|all|step))?|grad_2(?:\.0)?_norm_total)",
    re.IGNORECASE,
)
_SIZE = re.compile(_GROUPS + r"(?:weight_sizes?|weight_counts?|numel)[/.:](?P<layer>.+)", re.IGNORECASE)
_AXES = re.compile(_GROUPS + r"weight_axes[/.:](?P<layer>.+)", re.IGNORECASE)
_COSINE = re.compile(_GROUPS + r"weight_cosines?[/.:](?P<layer>.+)", re.IGNORECASE)
_LIGHTNING_RATE = re.compile(_GROUPS + r"lr-[\w.]+(?:-\d+)?(?:/(?:pg|group)\d+)?(?P<of>-momentum|-weight_decay)?")
_OF_LAYER = re.compile(_GROUPS + r"(?P<what>lr|learning_rate|weight_decay)/(?P<layer>.+)")
_LOSS = re.compile(r"(?:^|[/_\-. ])(?:loss|cost|nll|cross_?entropy)(?:$|[/_\-. ])|loss$", re.IGNORECASE)


@dataclass(frozen=True)
class Role:
    """What a column says.

    Parameters
    ----------
    what : str
        "step", "epoch", "lr", "weight_decay", "weight_norm", "weight_size", "weight_axes", "weight_cosine",
        "gradient_norm", "loss",
        or "clock".
    layer : str
        Of which layer, or parameter group; empty where it is of none.
    rank : int
        The lower, the sooner it is taken where several columns say the same.
    """

    what: str
    layer: str = ""
    rank: int = 0


def role_of(name: str) -> Role | None:
    """Tell what a column is; None for a name that means nothing here.

    Parameters
    ----------
    name : str
        Of the column.

    Returns
    -------
    Role or None

    Examples
    --------
    >>> role_of("lr-AdamW/pg1")
    Role(what='lr', layer='', rank=20)
    >>> role_of("param_norms/encoder.0.weight")
    Role(what='weight_norm', layer='encoder.0.weight', rank=0)
    >>> role_of("grad_2.0_norm/fc.weight")
    Role(what='gradient_norm', layer='fc.weight', rank=0)
    """
    lower = name.lower()
    plain = re.sub("^" + _GROUPS, "", lower)
    for what, known in (("step", STEPS), ("epoch", EPOCHS)):
        if lower in known:
            return Role(what, rank=known.index(lower))
    if lower in CLOCKS:
        return Role("clock")
    for what, known in (("lr", RATES), ("weight_decay", DECAYS)):
        if plain in known:
            return Role(what, rank=known.index(plain))
    return _whole(name) or _of_a_layer(name) or (Role("loss") if _LOSS.search(name) else None)


def _whole(name: str) -> Role | None:
    """Tell a number of the whole network: a norm of all, or a rate by Lightning's name for its optimiser."""
    if _WHOLE_GRADIENT.fullmatch(name) or name.lower() == "l2_norm/grad/global":
        return Role("gradient_norm", ALL)
    if _WHOLE_NORM.fullmatch(name) or name.lower() == "l2_norm/param/global":
        return Role("weight_norm", ALL)
    rate = _LIGHTNING_RATE.fullmatch(name)
    if rate:
        what = {None: "lr", "-weight_decay": "weight_decay", "-momentum": "clock"}[rate["of"]]
        return Role(what, rank=20)
    return None


def _of_a_layer(name: str) -> Role | None:
    """Tell a number of one layer."""
    for what, pattern in (("weight_size", _SIZE), ("weight_axes", _AXES), ("weight_cosine", _COSINE)):
        if found := pattern.fullmatch(name):
            return Role(what, found["layer"])
    for what, patterns in (("gradient_norm", _GRADIENT_NORMS), ("weight_norm", _WEIGHT_NORMS)):
        for pattern in patterns:
            if found := pattern.fullmatch(name):
                return Role(what, found["layer"])
    if found := _OF_LAYER.fullmatch(name):
        what = "weight_decay" if found["what"] == "weight_decay" else "lr"
        return Role(what, found["layer"], rank=30)
    return None
