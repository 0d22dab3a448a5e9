"""Values that other libraries know by name, answered with ours: ``"AdamW"``, ``"mse"``, ``"he"``, ``np.float32``."""

from collections.abc import Sequence
from typing import Any

NOT_HERE = (
    "it has no name here, and its weight_decay need not mean adamw's: wd.conventions.of('weight_decay'); optax's is "
    "trained with wd.rule(lambda h: optax....)"
)
COUPLED = "give 'momentum', PyTorch's SGD with L2 in the gradient, or 'sgdw', which decays by itself"
NESTEROV = "give 'nesterov', PyTorch's SGD with L2 in the gradient"
SOFTMAX = "PyTorch's CrossEntropyLoss is 'softmax' here; 'cross_entropy' is the binary one, summed over sigmoid outputs"
BINARY = "'cross_entropy' is binary cross-entropy, summed over sigmoid outputs where PyTorch's BCELoss takes the mean"
SQUARES = (
    "'mean_squared_error' is PyTorch's MSELoss, the mean over linear outputs; "
    "'quadratic' is half the squared error summed over sigmoid outputs"
)
XAVIER = "Xavier's variance 2/(n_in + n_out) is not here; 'fan_in' is N(0, 1/n_in)"
HE = "He's variance is 2/n_in: 'fan_in', N(0, 1/n_in), with init_scale=2**0.5"
LOW = "of 16 bits and fewer 'bfloat16' alone is here; it loses any decay below about 2e-3 per step"
BFLOAT = "give 'bfloat16', which loses any decay below about 2e-3 per step unless rounding is 'compensated'"

ADAM = (
    "'adam' with weight_decay is Adam + L2, whose decay is divided by the gradient's size and has no rate of its own "
    "(derivations.derive('adam_l2')): give 'adam_l2'; 'adamw' decays by itself"
)

ANSWERS: dict[str, dict[str, str]] = {
    "optimiser": {
        "gd gradientdescent vanillasgd plainsgd": "give 'sgd'",
        "adam adamoptimizer": ADAM,
        "sgdmomentum sgdm msgd heavyball sgdwithmomentum": COUPLED,
        "nag sgdnesterov nesterovmomentum": NESTEROV,
        "rmsprop": "give 'rmsprop_l2', PyTorch's with weight_decay in the gradient",
        "nadam": "give 'nadamw', whose decay is decoupled",
        "sgdw decoupledsgdw": "give 'sgdw'",
        "decoupledadamw fusedadamw adamw8bit pagedadamw": "give 'adamw'",
        "adamax amsgrad radam adabelief adagrad adadelta adafactor lamb lars adamaxw shampoo soap sophia ftrl yogi "
        "novograd prodigy schedulefree adan rprop asgd lbfgs": NOT_HERE,
        "signsgd signum": "give 'sign_momentum'; beta1=0 makes it the sign of the gradient",
    },
    "loss": {
        "mse mseloss squared squarederror meansquarederror l2 l2loss leastsquares sse squares halfmse": SQUARES,
        "bce bceloss bcewithlogits bcewithlogitsloss binarycrossentropy binarycrossentropywithlogits sigmoid "
        "sigmoidcrossentropy logloss logistic logisticloss binary": BINARY,
        "crossentropy crossentropyloss ce xent nll nllloss categoricalcrossentropy sparsecategoricalcrossentropy "
        "softmaxcrossentropy negativeloglikelihood logsoftmax": SOFTMAX,
    },
    "activation": {
        "logistic logsig expit sigm": "give 'sigmoid'",
        "tansig hyperbolictangent": "give 'tanh'",
        "rectifier rectifiedlinear": "give 'relu'",
        "leakyrelu relu6 elu selu celu softplus": "it is not here; 'relu' is nearest",
        "silu swish mish geluapproximate gelutanh newgelu": "it is not here; 'gelu' is nearest",
        "identity linear none": "there is no linear layer here; depth=0 has no hidden units at all",
        "softmax": "hidden units have no softmax; loss='softmax' has it at the outputs",
    },
    "init": {
        "normal randn standardnormal gauss large n01 unit randomnormal": "give 'gaussian', N(0, 1)",
        "fanin lecun lecunnormal default scaled variancescaling small nielsen": "give 'fan_in', N(0, 1/n_in)",
        "xavier xaviernormal xavieruniform glorot glorotnormal glorotuniform": XAVIER,
        "he henormal heuniform kaiming kaimingnormal kaiminguniform msra": HE,
        "uniform lecununiform orthogonal truncatednormal truncnormal": "it is not here; 'fan_in' is N(0, 1/n_in)",
        "zeros zero constant": "give init_scale=0",
    },
    "dtype": {
        "single fp32 f32 float32type floattensor": "give 'float32'",
        "float double fp64 f64 doubletensor": "give 'float64'",
        "bfloat16 bf16": BFLOAT,
        "float16 fp16 f16 half float8 fp8 int8 mixed amp": LOW,
        "int int32 int64 long bool complex64 complex128": "weights are 'float32' or 'float64'",
    },
    "sampling": {
        "shuffle shuffled shuffling withoutreplacement permutation randomreshuffling rr epoch true": "give 'reshuffle'",
        "replacement withreplacement bootstrap random independent": "give 'iid'",
        "false none sequential": "each epoch is reshuffled here; there is no fixed order",
    },
    "rounding": {
        "kahan kahansum compensation compensate mastercopy masterweights": "give 'compensated'",
        "stochastic": "it is not here; 'compensated' loses nothing",
        "none round default": "give 'nearest'",
    },
    "order": {"same common fixed": "give 'shared', for benchmarks only", "independent own seeds": "give 'seed'"},
}  # fmt: skip
"""Field -> words as `names` reduces them -> what to say; a choice that is only spelled otherwise needs no row."""


def remedy(field: str, value: Any, choices: Sequence[str]) -> str:
    """Say what to give in place of a value that is no choice of a field.

    Parameters
    ----------
    field : str
        A field of `Setup` that has choices.
    value : object
        What was given: a word, or a class, function or dtype of another library.
    choices : sequence of str
        What may be given.

    Returns
    -------
    str
        The choices, and our word for what is known elsewhere, or what differs.

    Examples
    --------
    >>> remedy("optimiser", "SGD", ("sgd", "sgdw"))
    "choose one of sgd, sgdw; give 'sgd'"
    >>> remedy("dtype", float, ("float32", "float64"))
    "choose one of float32, float64; give 'float64'"
    """
    listed = f"choose one of {', '.join(choices)}"
    hint = _hint(field, value, choices)
    return f"{listed}; {hint}" if hint else listed


def closest(value: Any, choices: Sequence[str]) -> str | None:
    """Give the choice that a value only spells otherwise, None if there is none.

    Examples
    --------
    >>> closest("ReLU", ("tanh", "relu")), closest("mse", ("quadratic",))
    ('relu', None)
    """
    spelled = {reduced(choice): choice for choice in choices}
    return next((spelled[name] for name in names(value) if name in spelled), None)


def names(value: Any) -> tuple[str, ...]:
    """Give the words that may name a value, reduced to letters and digits: its own, its class's, without modules.

    Examples
    --------
    >>> names("Binary-Crossentropy"), names(float)
    (('binarycrossentropy',), ('float',))
    """
    if isinstance(value, str):
        return (reduced(value.rsplit(".", 1)[-1]),)
    own = [getattr(value, "__name__", None), getattr(value, "name", None)]
    if not isinstance(value, type):
        own += [str(value).rsplit(".", 1)[-1] if value is None or "\n" not in str(value) else None]
        own += [type(value).__name__]
    return tuple(dict.fromkeys(reduced(name) for name in own if isinstance(name, str) and name))


def reduced(word: str) -> str:
    """Reduce a word to what spellings of it share."""
    return "".join(letter for letter in word.lower() if letter.isalnum())


def _hint(field: str, value: Any, choices: Sequence[str]) -> str:
    known = {word: answer for words, answer in ANSWERS.get(field, {}).items() for word in words.split()}
    for name in names(value):
        if name in known:
            return known[name]
    same = closest(value, choices)
    return f"give {same!r}" if same is not None else ""
