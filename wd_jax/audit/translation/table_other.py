"""Optimisers of libraries that do not follow PyTorch's protocol: name, law, options that change it."""

from collections.abc import Mapping
from typing import Any

from wd_jax.audit.translation.kinds import (
    NO_FACTOR_TRUST,
    Row,
    adaptive,
    averaged,
    coupled,
    decoupled,
    nothing,
    number,
    sgdw,
)
from wd_jax.audit.translation.laws import Law

TRUE, FALSE = True, False
EVERYTHING = "biases are decayed too unless they are excluded"
FTRL = "it rebuilds the weight from its state, which starts at 0: a weight drops to 0 in the first step"
LOSES = "load_model forgets exclude_from_weight_decay"
RELATIVE_STEP = (
    "by default its rate is its own, min(1e-2, 1/sqrt(step)) times max(1e-3, rms of the tensor), and lr is not read: "
    "give relative_step=False"
)
RMS = "its rate, and with it its decay, is multiplied by max(1e-3, rms of the tensor): give the weight's rms"
NO_ARGUMENT = "it has no weight_decay: put add_decayed_weights into a chain, or take {}"
ETA = "times eta=1, chainer's own factor, which is no learning rate"
ORTHOGONAL = "its decay is added to the gradient before that is made orthogonal, which takes its size away"
ROW = "alpha is divided by the rows of the minibatch; biases are not decayed"
SCHEDULED = "by default its rate falls by itself ('optimal', 'invscaling'): learning_rate='constant' is taken"

OPTAX: tuple[Row, ...] = (
    decoupled("adamw nadamw"),
    decoupled("adamaxw amsgradw", ""),
    decoupled("lion", "lion"),
    decoupled("adan muon acprop galore sophia contrib.muon contrib.acprop contrib.galore contrib.sophia", ""),
    decoupled("adafactor", "", "absolute", word="weight_decay_rate"),
    decoupled("contrib.momo_adam momo_adam", "", link="implicit"),
    nothing("lamb", NO_FACTOR_TRUST, idle="lr"),
    nothing("lars", NO_FACTOR_TRUST + ": without gradient it takes lr*trust_coefficient, 0.001*lr, of the weight"),
    coupled("novograd", 0.9, option="b1", notes=("added after the gradient is normalised, inside the momentum",)),
    averaged("contrib.schedule_free_adamw schedule_free_adamw contrib.schedule_free_sgd schedule_free_sgd"),
    adaptive("contrib.madgrad contrib.cocob contrib.dog contrib.dowg"),
    nothing("contrib.prodigy contrib.dadapt_adamw contrib.mechanize", "its decay is scaled by what it adapts itself"),
    nothing("sgd noisy_sgd", NO_ARGUMENT.format("chain(add_decayed_weights, sgd)")),
    nothing("adam nadam amsgrad adamax radam adabelief yogi", NO_ARGUMENT.format("adamw")),
    nothing("rmsprop adagrad adadelta fromage sm3 rprop", NO_ARGUMENT.format("adamw")),
)
"""optax 0.2.8."""

KERAS: tuple[Row, ...] = (
    decoupled("AdamW Adam Nadam", notes=(EVERYTHING, LOSES)),
    decoupled("Lion", "lion", notes=(EVERYTHING, LOSES)),
    decoupled("RMSprop Adadelta Adagrad Adamax Adafactor Lamb", "", notes=(EVERYTHING, LOSES)),
    decoupled("Muon", "", notes=("its adam_weight_decay=0.004 decays what is no matrix", LOSES)),
    sgdw("SGD", notes=("the decay does not go through the momentum", EVERYTHING, LOSES)),
    nothing("Ftrl", FTRL),
)
"""keras 3: its base class decays, so that all but Ftrl are decoupled."""

PADDLE: tuple[Row, ...] = (
    decoupled("AdamW"),
    nothing("SGD Momentum", "L1Decay takes lr*value and no share", when={"weight_decay": "L1Decay"}),
    coupled("Momentum", 0.9, nesterov_option="use_nesterov"),
    coupled("SGD"),
    adaptive("Adam", "adam_l2"),
    adaptive("RMSProp NAdam RAdam Adagrad Adadelta Adamax"),
    nothing("Lamb", NO_FACTOR_TRUST, idle="lr", word="lamb_weight_decay"),
)
MLX: tuple[Row, ...] = (
    decoupled("AdamW"),
    decoupled("Lion", "lion"),
    nothing("Muon", ORTHOGONAL),
    coupled("SGD", damp_first=True),
    decoupled("Adafactor", "", when={"relative_step": FALSE, "scale_parameter": FALSE}),
    decoupled("Adafactor", "", when={"relative_step": FALSE}, facts={"rms": TRUE}, notes=(RMS,)),
    nothing("Adafactor", RELATIVE_STEP),
    nothing("Adam Adamax RMSprop Adagrad AdaDelta", "it has no weight_decay"),
)
TINYGRAD: tuple[Row, ...] = (
    decoupled("AdamW"),
    decoupled("Muon", ""),
    coupled("SGD", classic="classic"),
    nothing("LARS LAMB", "its decay goes through a momentum and a trust ratio of the layer"),
    nothing("Adam", "it has no weight_decay"),
)
CHAINER: tuple[Row, ...] = (
    Row("AdamW Adam AMSGrad AdaBound AMSBound",
        lambda options: Law(reach="absolute", scale=number(options, "eta", 1.0), word="weight_decay_rate",
                            update="adam", facts={"beta1": 0.9}, notes=(ETA,)), {}, ("eta", "weight_decay_rate")),
    coupled("SGD+WeightDecay", word="rate"),
    coupled("MomentumSGD+WeightDecay", 0.9, word="rate", classic=True),
    coupled("NesterovAG+WeightDecay", 0.9, form="nesterov, chainer", word="rate", classic=True),
    nothing("SGD+Lasso MomentumSGD+Lasso Adam+Lasso", "the hook Lasso takes lr*value and no share", word="rate"),
    adaptive("Adam+WeightDecay", "adam_l2", word="rate"),
    adaptive("RMSprop+WeightDecay SMORMS3+WeightDecay AdaGrad+WeightDecay AdaDelta+WeightDecay", word="rate"),
    nothing("SGD MomentumSGD NesterovAG RMSprop SMORMS3 AdaGrad AdaDelta", "it has no decay: add the hook WeightDecay"),
)  # fmt: skip
THINC: tuple[Row, ...] = (
    adaptive("Adam RAdam", when={"L2_is_weight_decay": FALSE}, word="L2"),
    nothing("SGD Optimizer", "with L2_is_weight_decay=False it is clipped with the gradient to a norm of 1",
            when={"L2_is_weight_decay": FALSE}, word="L2"),
    decoupled("Adam", word="L2"),
    decoupled("RAdam Optimizer", "", word="L2"),
    sgdw("SGD", word="L2"),
)  # fmt: skip
MINDSPORE: tuple[Row, ...] = (
    coupled("SGD Momentum experimental.SGD", nesterov_option="nesterov"),
    decoupled("AdamWeightDecay experimental.AdamW"),
    adaptive("Adam experimental.Adam", "adam_l2"),
    adaptive("RMSProp AdaDelta AdaMax Adagrad ASGD"),
    nothing("mint.SGD mint.Adam mint.AdamW", "it changes nothing on a CPU"),
)
MXNET: tuple[Row, ...] = (
    coupled("SGD", classic=True, word="wd"),
    coupled("LBSGD DCASGD", word="wd"),
    decoupled("AdamW", word="wd"),
    adaptive("Adam", "adam_l2", word="wd"),
    adaptive("RMSProp FTML AdaGrad AdaDelta Adamax Nadam", word="wd"),
    decoupled("Signum", "", when={"wd_lh": TRUE}, word="wd_lh"),
    adaptive("Signum", word="wd"),
    nothing("Ftrl", FTRL),
    nothing("LARS", "its decay goes through a trust ratio of the layer"),
)


def _mlp(names: str) -> tuple[Row, ...]:
    why = "by default solver='adam', which adds alpha*w/m to the gradient and divides it by the gradient's size"
    more: dict[str, Any] = {"word": "alpha", "per_row": True, "notes": (ROW,)}
    return (
        coupled(names, 0.9, nesterov=True, nesterov_option="nesterovs_momentum", classic=True,
                when={"solver": "sgd"}, **more),
        nothing(names, "solver='lbfgs' is not stepwise", when={"solver": "lbfgs"}, word="alpha"),
        Row(names, lambda options: Law(link="none", update="adam_l2", why=why, facts={"beta1": 0.9}, **more), {},
            ("solver",)),
    )  # fmt: skip


SKLEARN: tuple[Row, ...] = (
    *_mlp("MLPClassifier MLPRegressor"),
    nothing("SGDClassifier SGDRegressor", "penalty='l1' takes lr*alpha and no share", when={"penalty": "l1"}),
    Row("SGDClassifier SGDRegressor",
        lambda options: Law(word="alpha", rows=1, update="sgd", facts={"momentum": 0.0}, notes=(SCHEDULED,)), {},
        ("learning_rate",)),
)  # fmt: skip

OWN: tuple[Row, ...] = (
    coupled("sgd"),
    sgdw("sgdw"),
    coupled("momentum", 0.9),
    coupled("nesterov", 0.9, nesterov=True),
    decoupled("adamw nadamw"),
    decoupled("lion", "lion"),
    decoupled("sign_momentum", "sign"),
    decoupled("muon", ""),
    adaptive("adam_l2 rmsprop_l2", "adam_l2"),
)
"""wd_jax's own, whose weight_decay is lmbda/n."""


def chain(inner: Mapping[str, Any]) -> Law | None:
    """Give the law of ``optax.chain(...)`` as it was read; None for one that is not known.

    Parameters
    ----------
    inner : mapping
        Name of each part -> its options, in order.
    """
    names = list(inner)
    if "add_decayed_weights" not in names:
        return None
    before, after = names.index("add_decayed_weights"), names[-1]
    if before == len(names) - 1:
        why = "add_decayed_weights after the learning rate adds weight_decay*w to the step: weights grow by 1 + value"
        return Law(link="none", why=f"{why}; put it in front")
    if after in ("sgd", "scale_by_learning_rate", "scale"):
        row = coupled("chain")
        return row.law(inner[after]) if before == len(names) - 2 else None
    if after in ("adam", "rmsprop", "amsgrad"):
        return adaptive("chain", "adam_l2").law({})
    return None
