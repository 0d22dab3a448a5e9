"""What `wd_jax.predict` refuses: numbers that do not go together, and decays that no law can take."""

from wd_jax.inputs import checks, foreign_values
from wd_jax.optimisers.rules import RULES
from wd_jax.precision import BITS
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.setting import COUPLED, DECOUPLED, DIVIDED, SMALLEST, SPELLINGS, Setting
from wd_jax.setup import CHOICES

SHORT = {"fp64": "float64", "double": "float64", "fp32": "float32", "float": "float32", "single": "float32"}
SHORT |= {"bf16": "bfloat16", "fp16": "float16", "half": "float16"} | {name: name for name in BITS}
"""What others call a dtype."""
LENGTHS = ("steps", "epochs", "tokens")
MOST_STEPS = 10_000_000
"""Steps of a run under a schedule: each has a rate of its own, and all are added up."""
MOST_STEPS_OF_MOMENTUM = 2_000_000
"""The same where the decay goes through a momentum: each step is made."""


def check(setting: Setting, language: Language = PYTHON, wanted: bool = False) -> None:
    """Refuse what no law can take: numbers that do not go together, an optimiser whose decay has no rate.

    Parameters
    ----------
    setting : Setting
        What was asked.
    language : Language
        In which the error names the arguments.
    wanted : bool
        Whether the decay is to be solved for: then none may be given.

    Raises
    ------
    ValueError
        In one line, with the remedy.

    Examples
    --------
    >>> check(Setting(eta=0.1, n=100, lmbda=1.0, epochs=3, steps=5))
    Traceback (most recent call last):
        ...
    ValueError: steps and epochs given: each says how long the run is: give one
    """
    if setting.n is not None and setting.batch > setting.n:
        about, at_most = language.about("m", setting.batch), language.name("n")
        raise ValueError(
            f"{about}: a minibatch of {setting.batch} is larger than the {setting.n} examples: give at most {at_most}"
        )
    _check_length(setting, language)
    _check_spelling(setting, language, wanted)
    _check_optimiser(setting, language)
    _check_schedules(setting, language)
    if setting.dtype and setting.dtype not in BITS:
        meant = SHORT.get(setting.dtype.removeprefix("torch.").lower())
        remedy = f"give {meant!r}" if meant else f"choose {', '.join(BITS)}"
        raise ValueError(f"{_typed('dtype', setting.dtype, language)}: {remedy}")
    if not wanted:
        check_strength(setting, language)


def check_strength(setting: Setting, language: Language = PYTHON) -> None:
    """Refuse a decay that is as good as none, and one that leaves nothing."""
    value, epsilon = setting.value, setting.epsilon
    about = language.about(setting.spelling, value)
    if value and epsilon < SMALLEST:
        raise ValueError(f"{about}: {value:g} removes {epsilon:g} of a weight per step: give 0, or a larger one")
    if not epsilon < 1:
        nielsens = f"; if {value:g} is Nielsen's lmbda, give {language.given('lmbda', value)}"
        hint = nielsens if setting.spelling == "weight_decay" else ""
        raise ValueError(
            f"{about}: a step would remove {epsilon:g} of each weight: lower it until that is below 1{hint}"
        )


def _check_spelling(setting: Setting, language: Language, wanted: bool) -> None:
    """Refuse a decay that was said twice or not at all, and lmbda without the n it is divided by."""
    names = {language.name(name): getattr(setting, name) for name in SPELLINGS}
    given = [name for name, value in names.items() if value is not None]
    if wanted and given:
        raise ValueError(
            f"{' and '.join(given)}: the decay is what {language.name('want')} solves for: give one of them"
        )
    if not wanted and len(given) != 1:
        found = " and ".join(given) if given else "none of them"
        raise ValueError(f"{', '.join(names)}: {found} given: give exactly one")
    if setting.lmbda is not None and setting.n is None:
        about, n, other = language.about("lmbda", setting.lmbda), language.name("n"), language.name("weight_decay")
        raise ValueError(f"{about}: it is divided by the number of training examples: give {n} too, or {other}")


def _check_length(setting: Setting, language: Language) -> None:
    """Refuse a length that was said twice or by halves."""
    given = [language.name(name) for name in LENGTHS if getattr(setting, name) is not None]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} given: each says how long the run is: give one")
    n, m = language.name("n"), language.name("m")
    if setting.epochs is not None and setting.n is None:
        about, steps = language.about("epochs", setting.epochs), language.name("steps")
        raise ValueError(f"{about}: an epoch is a pass over the training set: give {n} and {m} too, or {steps}")
    for one, other in (("tokens", "tokens_per_step"), ("tokens_per_step", "tokens")):
        if getattr(setting, one) is not None and getattr(setting, other) is None:
            raise ValueError(f"{language.about(one, getattr(setting, one))}: give {language.name(other)} too")
    if setting.tokens is not None and setting.tokens_per_step is not None and setting.tokens < setting.tokens_per_step:
        raise ValueError(
            f"{language.about('tokens', setting.tokens)}: fewer than the {setting.tokens_per_step} of one step: "
            f"{language.name('tokens')} are those of the whole run"
        )
    if setting.m is not None and setting.n is None:
        raise ValueError(f"{language.about('m', setting.m)}: it is compared with the training set: give {n} too")
    if setting.n is None and setting.total_steps is None:
        about = language.name("n")
        others = f"{language.name('steps')}, or {language.name('tokens')} and {language.name('tokens_per_step')}"
        raise ValueError(f"{about}: missing, give it a value, or {others}")


def _check_optimiser(setting: Setting, language: Language) -> None:
    """Refuse a momentum that is none, and an optimiser whose decay has no rate."""
    optimiser, momentum = setting.optimiser, language.name("momentum")
    if optimiser and optimiser not in CHOICES["optimiser"]:
        remedy = foreign_values.remedy("optimiser", optimiser, CHOICES["optimiser"])
        raise ValueError(f"{_typed('optimiser', optimiser, language)}: {remedy}")
    about = language.about("optimiser", optimiser)
    if optimiser in DIVIDED and setting.batch_gradient_rms is None:
        raise ValueError(
            f"{about}: its decay is divided by the gradient's size and has no rate of its own (see "
            f"derivations.derive('adam_l2')): give {language.name('batch_gradient_rms')} too, or a rule with decoupled "
            f"decay, such as {DECOUPLED[1]}"
        )
    if optimiser in DIVIDED and setting.absolute_decay is not None:
        about = language.about("absolute_decay", setting.absolute_decay)
        raise ValueError(
            f"{about}: {optimiser} divides its decay by the gradient: give {language.name('weight_decay')}"
        )
    if optimiser in COUPLED and setting.momentum is None:
        raise ValueError(f"{about}: its decay depends on the momentum: give {momentum} too, such as 0.9")
    for name in ("momentum", "beta1", "beta2"):
        value = getattr(setting, name)
        if value is not None and not 0 <= value < 1:
            raise ValueError(
                f"{language.about(name, value)}: {value:g} is not at least 0 and below 1: give one such as 0.9"
            )
        if value is not None and name != "momentum" and optimiser and name not in RULES[optimiser].names:
            raise ValueError(f"{language.about(name, value)}: {optimiser} reads no {name}: leave it out")
        if value is not None and name != "momentum" and not optimiser:
            raise ValueError(
                f"{language.about(name, value)}: it belongs to a rule: give {language.given('optimiser', 'adamw')}"
            )
    if setting.nesterov and not setting.momentum:
        raise ValueError(
            f"{language.about('nesterov', True)}: it is a kind of momentum: give {momentum} too, such as 0.9"
        )


def _check_schedules(setting: Setting, language: Language) -> None:
    """Refuse a schedule of a run that has no length, or too many steps to be made one by one."""
    for name in ("eta_schedule", "lmbda_schedule"):
        schedule = getattr(setting, name)
        if schedule is None or schedule.constant:
            continue
        about = f"{language.name(name)}={schedule.words}"
        total = setting.total_steps
        if total is None:
            how = " or ".join(map(language.name, LENGTHS))
            raise ValueError(f"{about}: it goes over a run, which has no length: give {how}")
        most = MOST_STEPS_OF_MOMENTUM if setting.through else MOST_STEPS
        if total > most:
            raise ValueError(f"{about}: at most {most} steps under a schedule, since each has its own rate; give fewer")
        schedule.factors(total, language.name(name))


def _typed(name: str, value: str, language: Language) -> str:
    """Begin a line about a word that is none of those there are."""
    shown = f": {value!r}" if language.shell else ""
    return f"{language.about(name, value)}{shown}" if language.shell else f"{name}={checks.shown(value)}"
