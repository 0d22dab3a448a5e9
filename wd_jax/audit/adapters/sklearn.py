"""scikit-learn: its multi-layer perceptron and its linear models by stochastic gradient descent, through `partial_fit`.

An estimator makes its gradients from data. Here the data are chosen, or the data's gradient is replaced, so that the
loss has exactly the gradient that is asked for; the decay, the optimiser and the schedule are the estimator's.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from wd_jax.audit.adapters.arguments import defaults, facts, number, read
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.adapters.sklearn_linear import Linear
from wd_jax.audit.adapters.sklearn_perceptron import Perceptron
from wd_jax.audit.black_box import BlackBox

_PERCEPTRONS = ("MLPClassifier", "MLPRegressor")
_LINEAR = ("SGDClassifier", "SGDRegressor")
_NAMES = (*_PERCEPTRONS, *_LINEAR)
_SOLVER = re.compile(r"(\w+)\s*=\s*([^\s,()]+)")


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Make the black box of an estimator; ``MLP*`` is the regressor, and ``m`` the rows of each batch."""
    chosen = {**{name: value for name, value in options.items() if name not in _WORDS}, **_of_label(label)}
    chosen |= {_WORDS[word]: word for word in options if word in _WORDS}
    if name == "MLP":
        name = "MLPRegressor"
    if name not in _NAMES:
        raise ValueError(f"sklearn:{name}: unknown optimiser: it has {', '.join(_NAMES)}")
    return _box(_class(name), chosen, label)


def wrap(thing: Any) -> BlackBox:
    """Make the black box of an estimator's class, or of an instance: its settings are its ``get_params()``."""
    options = {} if isinstance(thing, type) else dict(thing.get_params(deep=False))
    factory = thing if isinstance(thing, type) else type(thing)
    if factory.__name__ not in _NAMES:
        raise ValueError(f"sklearn: {factory.__name__} has no step to drive: one of {', '.join(_NAMES)}")
    return _box(factory, options, factory.__name__)


def _class(name: str) -> Any:
    import sklearn.linear_model
    import sklearn.neural_network

    return getattr(sklearn.neural_network if name in _PERCEPTRONS else sklearn.linear_model, name)


def _box(factory: Any, chosen: Mapping[str, Any], label: str) -> BlackBox:
    from importlib.metadata import version

    options = dict(chosen)
    rows = options.pop("m", None)
    weights = options.pop("sample_weight", None)
    network = factory.__name__ in _PERCEPTRONS
    if rows is None:
        size = options.get("batch_size", "auto")
        rows = int(size) if network and size != "auto" else 1
    rate = "learning_rate_init" if network else "eta0"
    taken = defaults(factory)
    for name in options:
        if name not in taken:
            raise ValueError(f"sklearn:{label}: it takes no {name}: it takes {', '.join(taken)}")
    options = {name: value for name, value in options.items() if name not in (rate, "alpha", "batch_size")}
    kind: Callable[..., Any] = Perceptron if network else Linear
    known = {**taken, **options}
    return BlackBox(
        library="sklearn",
        name=label,
        version=version("scikit-learn"),
        make=partial(_make, kind, factory, options, int(rows), weights),
        default_lr=number(taken[rate]),
        default_weight_decay=number(taken["alpha"]),
        dtypes=("float32", "float64"),
        takes=("matrix", "embedding", "bias"),
        note=_note(network, known, int(rows), weights),
        facts=_facts(network, known) | {"rows": int(rows), "sample_weights": float(weights or 1) * int(rows)},
    )


def _make(
    kind: Callable[..., Any],
    factory: Any,
    options: Mapping[str, Any],
    rows: int,
    weights: float | None,
    lr: float = 0.1,
    weight_decay: float | None = 0.01,
    dtype: str = "float32",
) -> Any:
    return kind(factory, options, rows, weights, lr, weight_decay, dtype)


def _facts(network: bool, known: Mapping[str, Any]) -> dict[str, Any]:
    if network and known["solver"] == "sgd":
        return facts({}, {name: known[name] for name in ("momentum", "nesterovs_momentum")})
    return facts({}, {name: known[name] for name in ("beta_1", "beta_2", "epsilon")}) if network else {}


def _note(network: bool, known: Mapping[str, Any], rows: int, weights: float | None) -> str:
    if network:
        return f"the decay is divided by the batch's summed sample weights, here {float(weights or 1) * rows:g}"
    if known["learning_rate"] == "optimal":
        return "a step is one row; its schedule 'optimal' sets the rate from alpha, whatever eta0"
    return "a step is one row; the intercept does not decay"


def _of_label(label: str) -> dict[str, Any]:
    """Read a setting as the catalogue words it: ``MLP* solver=sgd momentum=.9, nesterov=False (m=n=1)``."""
    if label.startswith("MLP*"):
        found = {name: _value(value) for name, value in _SOLVER.findall(label)}
        rows = re.search(r"\bm=(?:n=)?(\d+)", label)
        return {_OURS.get(name, name): value for name, value in found.items() if name not in ("m", "n")} | (
            {"m": int(rows[1])} if rows else {}
        )
    if not label.startswith("SGD"):
        return {}
    asked = read(label)
    if asked.rest.strip(", ") not in ("", "per row"):
        raise ValueError(f"sklearn:{label}: {asked.rest} could not be read: write NAME(option=value, word)")
    unknown = next((word for word in asked.flags if word not in _WORDS), None)
    if unknown or asked.positional:
        raise ValueError(f"sklearn:{label}: {unknown or asked.positional} is no option: it has {', '.join(_WORDS)}")
    return {_WORDS[flag]: flag for flag in asked.flags if flag in _WORDS} | dict(asked.options)


_OURS = {"nesterov": "nesterovs_momentum"}
_WORDS = (
    dict.fromkeys(("constant", "invscaling", "optimal", "adaptive", "pa1", "pa2"), "learning_rate")
    | dict.fromkeys(("l2", "l1", "elasticnet"), "penalty")
    | dict.fromkeys(
        (
            *("hinge", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber"),
            *("epsilon_insensitive", "squared_epsilon_insensitive"),
        ),
        "loss",
    )
)


def _value(text: str) -> Any:
    words = {"True": True, "False": False, "None": None}
    if text in words:
        return words[text]
    try:
        return float(text)
    except ValueError:
        return text


LIBRARY = Library(
    name="sklearn",
    distribution="scikit-learn",
    modules=("sklearn",),
    requirements=("scikit-learn==1.9.1",),
    find=find,
    reads_labels=True,
    wrap=wrap,
    settings=(
        "MLP* solver=sgd momentum=0 (m=n=1)",
        "MLP* solver=sgd momentum=.9, nesterov=False (m=n=1)",
        "MLP* solver=sgd defaults (momentum=.9, nesterov) (m=n=1)",
        "MLP* solver=sgd defaults (momentum=.9, nesterov) (m=200)",
        "MLP* solver=adam (m=n=1)",
        "MLP* solver=adam defaults (m=n=1)",
        "MLPClassifier",
        "MLPRegressor",
        "MLPRegressor(solver=sgd)",
        "SGDClassifier(hinge, constant, eta0=.1, alpha=.01), per row",
        "SGDClassifier(hinge, constant, eta0=.1, alpha=.01, penalty=l1), per row",
        "SGDClassifier(hinge, constant, eta0=.1, alpha=.01, penalty=elasticnet), per row",
        "SGDClassifier(hinge, constant, eta0=.1, alpha=.01, average=True), per row",
        "SGDClassifier",
        "SGDClassifier(log_loss, constant)",
        "SGDRegressor(constant, eta0=.1, alpha=.01), per row",
        "SGDRegressor(squared_error, constant, eta0=.1, alpha=.01), per row",
        "SGDRegressor",
    ),
    aliases=("scikit-learn",),
)
