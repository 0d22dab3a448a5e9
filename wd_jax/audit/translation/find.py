"""Which law an optimiser follows: looked up by library and name, nothing installed and nothing run."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from wd_jax.audit.translation import options, recorded, table_other, table_torch
from wd_jax.audit.translation.kinds import Row
from wd_jax.audit.translation.laws import Law
from wd_jax.audit.translation.specification import POSITIONAL, RATES, Specification, read

LIBRARIES: dict[str, tuple[Row, ...]] = {
    "torch": table_torch.TORCH,
    "timm": table_torch.TIMM,
    "pytorch_optimizer": table_torch.PYTORCH_OPTIMIZER,
    "optimi": table_torch.OPTIMI,
    "heavyball": table_torch.HEAVYBALL,
    "schedulefree": table_torch.SCHEDULEFREE,
    "transformers": table_torch.TRANSFORMERS,
    "lion_pytorch": table_torch.LION_PYTORCH,
    "adabelief_pytorch": table_torch.ADABELIEF,
    "adam_atan2_pytorch": table_torch.ADAM_ATAN2,
    "composer": table_torch.COMPOSER,
    "fastai": table_torch.FASTAI,
    "bitsandbytes": table_torch.BITSANDBYTES,
    "torchao": table_torch.TORCHAO,
    **table_torch.ONE_EACH,
    "optax": table_other.OPTAX,
    "keras": table_other.KERAS,
    "paddle": table_other.PADDLE,
    "mlx": table_other.MLX,
    "tinygrad": table_other.TINYGRAD,
    "chainer": table_other.CHAINER,
    "thinc": table_other.THINC,
    "mindspore": table_other.MINDSPORE,
    "mxnet": table_other.MXNET,
    "sklearn": table_other.SKLEARN,
    "wd_jax": table_other.OWN,
}
ALIASES = {
    **{"pytorch": "torch", "torchoptimi": "optimi", "mosaicml": "composer", "scikitlearn": "sklearn"},
    **{"paddlepaddle": "paddle", "tensorflow": "keras", "tf": "keras", "tfkeras": "keras", "bnb": "bitsandbytes"},
    **{"flax": "optax", "nnx": "optax", "own": "wd_jax", "adabelief": "adabelief_pytorch"},
    **{"lion": "lion_pytorch", "adamatan2": "adam_atan2_pytorch", "apollo": "apollo_torch", "galore": "galore_torch"},
    **{"came": "came_pytorch", "muon": "muon_optimizer", "prodigy": "prodigyopt", "popt": "pytorch_optimizer"},
}
IDLE_OPTIONS = {
    *RATES, "eps", "epsilon", "betas", "amsgrad", "foreach", "fused", "capturable", "differentiable",
    "maximize", "bias_correction", "correct_bias", "centered", "rho", "rank", "scale", "optim_bits", "num_iterations",
    "caution", "match_rms_adamw", "relative_step", "batch_size", "hidden_layer_sizes", "random_state",
}  # fmt: skip
"""Options that change no law above, so that nothing is said of them."""


@dataclass(frozen=True)
class Found:
    """One optimiser and its law.

    Attributes
    ----------
    specification : Specification
        As it was written.
    library : str
        As the table has it.
    law : Law
        What its decay does.
    unread : tuple of str
        Options that nobody looked at.
    """

    specification: Specification
    library: str
    law: Law
    unread: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """As it was written."""
        return self.specification.text


def find(text: str, momentum: float | None = None) -> Found:
    """Look an optimiser up.

    Parameters
    ----------
    text : str
        ``torch:SGD(momentum=.9,nesterov)``.
    momentum : float, optional
        Of an optimiser that has one and whose settings do not say which.

    Raises
    ------
    ValueError
        In one line with the nearest names, for one that is not in the table, and for settings that cannot be meant.

    Examples
    --------
    >>> print(find("optax:adafactor").law)
    1 - weight_decay_rate
    >>> find("torch:Adammax")
    Traceback (most recent call last):
        ...
    ValueError: torch:Adammax: not an optimiser that is known here: did you mean torch:Adamax, torch:Adam, torch:RAdam?
    """
    asked = read(text)
    library = _library(asked)
    rows = LIBRARIES[library]
    if library == "optax" and asked.name == "chain":
        law = table_other.chain(asked.parts)
        if law is None:
            raise ValueError(f"{text}: of chains, add_decayed_weights directly before sgd, adam or rmsprop is known")
        return Found(asked, library, law)
    names = [name for row in rows for name in row.names.split()]
    name = _match(asked.name, names)
    if name is None:
        stored = recorded.law_of(_names(library), _label(asked))
        if stored is not None:
            return Found(asked, library, stored)
        names += [one for one in recorded.names(_names(library)) if one.isidentifier()]
        raise ValueError(f"{asked.text}: not an optimiser that is known here: {_near(library, asked.name, names)}")
    fitting = [row for row in rows if name in row.names.split()]
    row = next((row for row in fitting if all(asked.options.get(k) == v for k, v in row.when.items())), None)
    if row is None:
        raise ValueError(f"{asked.text}: known only with {', '.join(sorted({k for r in fitting for k in r.when}))}")
    settings = {row.momentum if key == POSITIONAL else key: value for key, value in asked.options.items()}
    if momentum is not None and row.momentum:
        settings.setdefault(row.momentum, momentum)
    try:
        law = row.law(settings)
    except ValueError as error:
        raise ValueError(f"{asked.text}: {error}") from None
    if isinstance(value := asked.options.get(law.word), int | float) and not isinstance(value, bool):
        raise ValueError(
            f"{asked.text}: {law.word} is what is asked for, or --weight-decay: leave it out of the brackets"
        )
    known = {*row.reads, *IDLE_OPTIONS, law.word, *([POSITIONAL] * bool(row.momentum))}
    known |= {key for one in fitting for key in (*one.when, *one.reads)}
    unread = [key for key in asked.options if key not in known]
    unread += [asked.unread] if asked.unread else []
    stored = recorded.law_of(_names(library), _label(asked), law.word) if unread else None
    if not stored and (about := [one for one in unread if any(part in one for part in ("decay", "decoupl", "wd"))]):
        raise ValueError(f"{asked.text}: what {', '.join(about)} does to the decay is not known here: leave it out")
    if not stored:
        _refuse(asked, library, name, unread, [key for key in known if key != POSITIONAL])
    return Found(asked, library, stored or law, () if stored else tuple(unread))


def _refuse(asked: Specification, library: str, name: str, unread: list[str], known: list[str]) -> None:
    """Raise for an option that cannot be meant; what is none at all is none of an optimiser whose law is known."""
    for key in unread:
        if key == asked.unread:
            raise ValueError(f"{asked.text}: {key} is no option: write NAME(option=value, flag)")
        if why := options.refusal(library, name, key, known):
            raise ValueError(f"{asked.text}: {why}")


def _label(asked: Specification) -> str:
    return asked.text.partition(":")[2]


def _names(library: str) -> list[str]:
    """Give every name of a library."""
    return [library, *(alias for alias, name in ALIASES.items() if name == library)]


def _library(asked: Specification) -> str:
    wanted = _key(asked.library)
    by_key = {_key(name): name for name in LIBRARIES} | {_key(key): value for key, value in ALIASES.items()}
    if wanted in by_key:
        return by_key[wanted]
    near = difflib.get_close_matches(wanted, by_key, 1)
    hint = f"did you mean {by_key[near[0]]}? " if near else ""
    raise ValueError(f"{asked.text}: {asked.library} is no library that is known here: {hint}known: {_few(LIBRARIES)}")


def _match(name: str, names: Iterable[str]) -> str | None:
    """Find a name as it is written, or else the only one that differs in capitals, underscores or a module alone."""
    names = list(dict.fromkeys(names))
    last = _key(name).rpartition(".")[2]
    for alike in (
        [one for one in names if one == name],
        [one for one in names if _key(one) == _key(name)],
        [one for one in names if _key(one) == last],
        [one for one in names if _key(one).rpartition(".")[2] == last],
    ):
        if alike:
            return alike[0] if len(alike) == 1 else None
    return None


def _near(library: str, name: str, names: list[str]) -> str:
    spelled = {_key(one): one for one in names}
    near = difflib.get_close_matches(_key(name), spelled, 3, cutoff=0.55)
    if near:
        return f"did you mean {', '.join(f'{library}:{spelled[key]}' for key in near)}?"
    return f"of {library} {_few(dict.fromkeys(names))} are"


def _few(names: Iterable[str]) -> str:
    return ", ".join(names)


def _key(word: str) -> str:
    return "".join(letter for letter in word.lower() if letter.isalnum() or letter in "+.")
