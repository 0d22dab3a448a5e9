"""The table of names that other libraries have for what is trained here, each with ours and the conversion."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from wd_jax.conventions import of, steps_per_epoch
from wd_jax.inputs import checks, foreign_values


@dataclass(frozen=True)
class Facts:
    """What a conversion may need, None where it is not known.

    Attributes
    ----------
    n, m : int or None
        Training-set size and minibatch size, examples.
    eta, momentum : float or None
        Learning rate; momentum that was asked for; dimensionless.
    choices : dict
        Field -> what may be given for it.
    """

    n: int | None = None
    m: int | None = None
    eta: float | None = None
    choices: dict[str, tuple[str, ...]] | None = None
    momentum: float | None = None

    def __post_init__(self) -> None:
        """Forget what is no number, or no size of a minibatch: a list that is swept, or a mistake told elsewhere."""
        if not (checks.whole(self.m) and self.m > 0):
            object.__setattr__(self, "m", None)
        for field in ("eta", "momentum"):
            if not isinstance(getattr(self, field), int | float):
                object.__setattr__(self, field, None)


Convert: TypeAlias = Callable[[Any, Facts], tuple[Any, ...]]


@dataclass(frozen=True)
class Answer:
    """Our names for a foreign one, and the numbers to give.

    Attributes
    ----------
    names : tuple of str
        Ours.
    why : str
        The conversion; empty where the number stays.
    convert : callable or None
        (value, facts) -> a value for each name; None where there is no number to give. It may fail.
    only_numbers : bool
        Whether it is left out where no number comes of it.
    """

    names: tuple[str, ...]
    why: str = ""
    convert: Convert | None = lambda value, facts: (value,)
    only_numbers: bool = False


@dataclass(frozen=True)
class Spelling:
    """Foreign names of one thing.

    Attributes
    ----------
    words : str
        As others spell it, with spaces between.
    answers : tuple of Answer
        Of those whose names are known where it was given, all are said.
    absent : str
        What to say where there is no such thing.
    """

    words: str
    answers: tuple[Answer, ...] = ()
    absent: str = ""


def _same(words: str, *names: str, why: str = "") -> Spelling:
    """Make a spelling that needs no conversion; the first name known where it was given is ours."""
    return Spelling(words, tuple(Answer((name,), why) for name in names))


COUPLED = [row.kind for row in of("weight_decay")].index("coupled")
"""Which meaning of weight_decay is that of PyTorch's SGD with momentum."""


def _of(word: str, row: int = 0) -> Convert:
    """Convert as a row of `library_conventions.of` does; it fails where a number that it needs is not known."""

    def convert(value: Any, facts: Facts) -> tuple[Any, ...]:
        if isinstance(value, str | bool):
            raise TypeError(f"{word}: no number")
        given = {"n": facts.n, "m": facts.m, "eta": facts.eta, "momentum": facts.momentum}
        known = {name: number for name, number in given.items() if number is not None}
        return (of(word)[row].to_lmbda(value, **known),)

    return convert


def _epochs(value: Any, facts: Facts) -> tuple[Any, ...]:
    if facts.n is None or facts.m is None:
        raise ValueError("steps per epoch: not known here")
    return (math.ceil(value / steps_per_epoch(facts.n, facts.m)),)


def _one_width(value: Any, facts: Facts) -> tuple[Any, ...]:
    """Take one width, as a number or alone in a tuple: several are no axis of widths."""
    widths = value if isinstance(value, list | tuple) else [value]
    (width,) = widths
    return (width,)


def _schedule(value: Any, facts: Facts) -> tuple[Any, ...]:
    """Take the name of a schedule; it fails for one that there is not, and for a number."""
    if value not in ("cosine", "linear", "constant", "wsd"):
        raise ValueError("schedule: no such name")
    return (value,)


def _warm_up(value: Any, facts: Facts) -> tuple[Any, ...]:
    """Give a warm-up before a constant rate; it fails for what is neither a share of the run nor a number of steps."""
    if not (checks.whole(value) and value > 1) and not 0 < value < 1:
        raise ValueError("warm-up: no duration")
    return (f"warm_up({value})",)


def _choice(field: str) -> Convert:
    """Give the choice that a word is or spells otherwise; it fails where there is none."""

    def convert(value: Any, facts: Facts) -> tuple[Any, ...]:
        choice = foreign_values.closest(value, (facts.choices or {}).get(field, ()))
        if choice is None:
            raise ValueError(f"{field}: no such choice")
        return (choice,)

    return convert


def _chosen(words: str, field: str) -> Spelling:
    return Spelling(words, (Answer((field,), convert=_choice(field)),))


SPELLINGS = (
    _same("path training_path", "method", why="of training: auto, blocked or generic"),
    _same(
        "lr learning_rate learning_rate_init initial_learning_rate base_lr max_lr peak_lr init_lr initial_lr lr0 eta0 "
        "step_size lrate learningrate rate η",
        "eta",
    ),
    Spelling(
        "weight_decay wd decay weight_decay_rate decoupled_weight_decay decoupled_wd l2_decay L",
        (
            Answer(("weight_decay",)),
            Answer(("lmbda",), "lmbda = n weight_decay", _of("weight_decay")),
            Answer(("lmbda",), "to decay as PyTorch's SGD with this momentum", _of("weight_decay", COUPLED), True),
        ),
    ),
    _same("λ", "lmbda", why="Nielsen's"),
    Spelling(
        "absolute_decay absolute_weight_decay",
        (
            Answer(("absolute_decay",)),
            Answer(("lmbda",), "lmbda = n absolute_decay/eta", _of("absolute_decay")),
        ),
    ),
    Spelling(
        "alpha",
        (
            Answer(("lmbda",), "lmbda = n alpha/m, as scikit-learn's MLPClassifier has it", _of("alpha")),
            Answer(("eta",), "if alpha is your learning rate"),
        ),
    ),
    Spelling(
        "C",
        (Answer(("lmbda",), "lmbda = 1/C, as scikit-learn's LogisticRegression has it", _of("C")),),
    ),
    Spelling(
        "l2 l2_reg l2_regularization l2_regularisation l2_lambda l2_penalty l2_weight l2_coef l2_strength regularizer "
        "kernel_regularizer kernel_l2 weight_regularizer",
        (Answer(("lmbda",), "lmbda = 2 n l2, as Keras' l2() adds l2*sum(w**2)", _of("kernel_regularizer")),),
    ),
    Spelling(
        "lambda lambda_ lambd lam lamda reg reg_lambda reg_strength reg_coef lambda_reg lambda_l2 regularization "
        "regularisation regularization_strength regularization_rate penalty penalty_weight",
        (
            Answer(("lmbda",), "where the cost has lmbda/(2n)*sum(w**2)"),
            Answer(("lmbda",), "where it has lambda/2*sum(w**2)", _of("lambda", 1)),
        ),
    ),
    _same("kappa", "lmbda", why="lmbda = m kappa/eta"),
    _same(
        "m batch bs batch_size batchsize minibatch minibatch_size mini_batch mini_batch_size train_batch_size "
        "per_device_train_batch_size per_gpu_batch_size global_batch_size b",
        "batch_size",
        "m",
    ),
    Spelling(
        "gradient_accumulation_steps accumulate_grad_batches accum_steps",
        (
            Answer(("batch_size",), "the examples of one step of the optimiser", None),
            Answer(("m",), "the examples of one step of the optimiser", None),
        ),
    ),
    Spelling(
        "n n_samples num_samples num_examples n_examples train_size n_train num_train dataset_size examples samples",
        (Answer(("n",)),),
        "n is the size of the training set that is given",
    ),
    Spelling(
        "steps max_steps num_steps n_steps total_steps train_steps num_train_steps iterations n_iterations "
        "num_iterations max_iterations iters n_iters max_iters niter n_iter num_iters",
        (Answer(("epochs",), "epochs = steps/ceil(n/m)", _epochs),),
    ),
    _same(
        "epoch n_epochs num_epochs nb_epoch nb_epochs max_epochs total_epochs num_train_epochs train_epochs max_iter",
        "epochs",
    ),
    Spelling(
        "seed random_state random_seed rng_seed rng prng prng_key key rngs manual_seed",
        (Answer(("seeds",), "a number of seeds: 0, 1, ...; in Python a list too, seeds=[3] is the seed 3", None),),
    ),
    _same("n_seeds num_seeds repeats n_repeats num_repeats replicates n_runs num_runs trials n_trials", "seeds"),
    _chosen("optimizer optimizers optimiser optim opt solver algorithm algo updater update_rule rule", "optimiser"),
    Spelling("betas", (Answer(("beta1", "beta2"), convert=lambda betas, facts: tuple(betas)),)),
    _same("b1 beta_1 adam_beta1 adam_b1", "beta1"),
    _same("b2 beta_2 adam_beta2 adam_b2", "beta2"),
    _same("mu mom momentum_decay momentum_coefficient sgd_momentum", "momentum"),
    Spelling(
        "beta",
        (Answer(("momentum",), "of sgdw, momentum and nesterov"), Answer(("beta1",), "of Adam's kin, lion and muon")),
    ),
    Spelling(
        "hidden hidden_layer_sizes hidden_sizes hidden_size hidden_units hidden_dim hidden_dims hidden_layers "
        "hidden_width n_hidden num_hidden nhid units width neurons",
        (
            Answer(("hidden",), "units per hidden layer; for layers that differ give widths", _one_width),
            Answer(("widths",), "all layers, inputs first: (64, 30, 10)", None),
        ),
    ),
    Spelling(
        "layers layer_sizes layer_widths sizes dims layer_dims architecture arch features shape topology",
        (Answer(("widths",), "all layers, inputs first"), Answer(("hidden",), "units per hidden layer", _one_width)),
    ),
    Spelling(
        "depth num_layers n_layers nlayers num_hidden_layers n_hidden_layers",
        (
            Answer(("depth",), "the number of hidden layers"),
            Answer(("widths",), "all layers, inputs first: (64, 30, 10)", None),
        ),
    ),
    _chosen("activation_function act act_fn activation_fn nonlinearity hidden_activation transfer_func", "activation"),
    _chosen("criterion loss_fn loss_func loss_function cost cost_function cost_fn objective", "loss"),
    _chosen(
        "initializer initialiser initialization initialisation init_method weight_init weights_init kernel_init "
        "kernel_initializer",
        "init",
    ),
    _same("init_std init_scaling std weight_scale scale gain sigma", "init_scale", why="a factor on initial weights"),
    _chosen("precision float_type torch_dtype param_dtype floatx", "dtype"),
    Spelling("shuffle replacement sampler", (Answer(("sampling",), "'reshuffle' or 'iid'", None),)),
    Spelling("device", (Answer(("devices",), "a list of JAX devices, such as jax.devices('cpu')", None),)),
    _same("verbose verbosity quiet silent show_progress progress_bar disable_tqdm", "progress", why="True or False"),
    _same("output out_dir output_dir output_file outfile save save_path save_to save_dir filename", "out"),
    _same("data_set train_data training_data", "dataset"),
    _same("data_path data_root root dataset_dir datadir", "data_dir"),
    _same("eval_every eval_freq eval_interval validation_freq validate_every", "evaluate_every"),
    _same("log_every log_interval record_every", "records_per_epoch", why="records per epoch, not steps between"),
    Spelling(
        "nesterov",
        (Answer(("nesterov",)),),
        "choose optimiser='nesterov'; `wd-jax predict --momentum 0.9 --nesterov` says how it decays",
    ),
    Spelling("dampening", absent="no momentum here has dampening"),
    Spelling("amsgrad", absent="adamw here is optax's, without amsgrad"),
    Spelling("eps epsilon adam_epsilon adam_eps", absent="Adam's epsilon is optax's 1e-8; here epsilon is eta*lmbda/n"),
    Spelling(
        "scheduler lr_scheduler lr_scheduler_type schedule lr_schedule learning_rate_schedule lr_decay lr_decay_rate "
        "learning_rate_decay cosine gamma milestones",
        (Answer(("eta_schedule",), "'cosine', or another of wd.schedules", _schedule),),
    ),
    Spelling(
        "warmup warmup_steps warmup_ratio warmup_epochs num_warmup_steps",
        (Answer(("eta_schedule",), "steps, or a share of the run with a point", _warm_up),),
    ),
    Spelling(
        "weight_decay_schedule wd_schedule",
        (Answer(("lmbda_schedule",), "'linear', or another of wd.schedules", _schedule),),
    ),
    Spelling(
        "l1 l1_reg l1_ratio l1_penalty dropout dropout_rate label_smoothing early_stopping "
        "patience grad_clip clip clip_norm max_grad_norm gradient_clip_val ema ema_decay mixup",
        absent="weight decay is the only regulariser here",
    ),
    Spelling(
        "norm normalization normalisation batch_norm batchnorm bn layer_norm layernorm rms_norm rmsnorm",
        absent="it is the model's: model=wd.mlp((64, 30, 10), norm='layer'), or 'rms', 'batch'",
    ),
    Spelling("bias biases use_bias fit_intercept", absent="they are the model's: wd.mlp((64, 30, 10), biases=False)"),
    Spelling(
        "decay_bias decay_biases mask decay_mask weight_decay_mask no_decay",
        (Answer(("decays",), "'layers', without biases, or 'all', or a tree of true and false", None),),
    ),
    Spelling("n_jobs num_workers workers jobs", absent="chunks run on all local devices, see devices"),
    Spelling("callbacks callback logger", absent="what is measured is chosen by probes=wd.Probes(...)"),
)  # fmt: skip
"""The table. Our own names stand in it where another place calls them otherwise (batch_size is --m of predict)."""
