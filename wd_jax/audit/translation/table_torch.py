"""PyTorch's optimisers and those of the libraries that follow its protocol: name, law, options that change it."""

from wd_jax.audit.translation.kinds import (
    NO_FACTOR_TRUST,
    Row,
    adaptive,
    averaged,
    coupled,
    decoupled,
    lookahead,
    nothing,
    sgdw,
)

ONE_DIMENSION = "biases and other one-dimensional parameters are not decayed when timm makes the groups"
FIRST = "the first step only initialises and does not decay"
ADAPTED = "its decay is scaled by the step size d that it adapts while it trains: not known beforehand"
CAUTIOUS = (
    "it decays only where update and weight agree in sign: beside gradients about half of the entries in a step, "
    "so that there is no one factor"
)
PROJECTED = (
    "its decay is multiplied by wd_ratio (0.1) in every step whose gradient is projected, and a zero gradient always is"
)
RMS = "its rate, and with it its decay, is multiplied by max(1e-3, rms of the tensor): give the weight's rms"
SILENT = "it is averaged, and its first steps, which it rectifies, are silent"
NORMS = "norm loss, warm-up and lookahead inside act on the weights as well"
GROWS = "it adds lr*weight_decay*w to the step with the wrong sign, besides a coupled term: weights grow"
INITIAL = (
    "relative to what the scheduler wrote as initial_lr, or else to the constructor's rate: OneCycleLR writes max_lr/25"
)
CONSTRUCTOR = "relative to the constructor's rate, also where a warm-up starts lower"
TRUE, FALSE = True, False

TORCH: tuple[Row, ...] = (
    decoupled("Adam NAdam RAdam", when={"decoupled_weight_decay": TRUE}),
    decoupled("AdamW"),
    decoupled("Muon Adafactor", update=""),
    coupled("SGD"),
    adaptive("Adam", "adam_l2"),
    adaptive("RMSprop", "adam_l2"),
    adaptive("NAdam RAdam Adamax Adagrad Adadelta"),
    nothing("ASGD", "it has a decay of its own, lambd=1e-4, beside weight_decay, and its rate falls by itself"),
    nothing("Rprop LBFGS SparseAdam", "it has no weight_decay"),
)
"""torch 2.13.0."""

TIMM: tuple[Row, ...] = (
    decoupled("adamw nadamw radamw", notes=(ONE_DIMENSION,)),
    decoupled("adafactorbv laprop mars adabelief", "", notes=(ONE_DIMENSION,)),
    decoupled("lion", "lion", notes=(ONE_DIMENSION,)),
    decoupled("adoptw", "", late=1, notes=(FIRST, ONE_DIMENSION)),
    sgdw("sgdw csgdw", 0.9, notes=(ONE_DIMENSION,)),
    decoupled("lambc", "", notes=("while its trust ratio is clipped at 1, as without gradient", ONE_DIMENSION)),
    decoupled("adan", "", link="implicit", notes=(ONE_DIMENSION,)),
    lookahead("lookahead_adamw", 6, 0.5, facts={"late_copy": True}, notes=(ONE_DIMENSION,)),
    coupled("sgd nesterov", 0.9, nesterov=True, notes=(ONE_DIMENSION,)),
    coupled("momentum", 0.9, notes=(ONE_DIMENSION,)),
    adaptive("adam", "adam_l2"),
    adaptive("nadam radam adamax adagrad adadelta adopt rmsprop rmsproptf"),
    nothing("adamp", PROJECTED),
    nothing("lamb", NO_FACTOR_TRUST, idle="lr"),
    nothing("lars larc", "its decay goes through a momentum and a trust ratio of the layer"),
)
"""timm 1.0.31, by the names of create_optimizer_v2, whose momentum is 0.9 by default."""

PYTORCH_OPTIMIZER: tuple[Row, ...] = (
    nothing("AdamP", PROJECTED),
    decoupled("Lion", "lion", "absolute", when={"fixed_decay": TRUE}),
    decoupled("AdamW AdaBelief DiffGrad StableAdamW Tiger", "adam", "absolute", when={"fixed_decay": TRUE}),
    decoupled("Lion", "lion"),
    decoupled("Tiger", "sign"),
    decoupled("AdamW StableAdamW", "adam"),
    decoupled("Lamb CAME SophiaH AdaBelief DiffGrad Muon", ""),
    sgdw("SGDW"),
    decoupled("SOAP", "", late=1, notes=(FIRST,)),
    averaged("ScheduleFreeAdamW ScheduleFreeSGD"),
    nothing("ScheduleFreeRAdam", SILENT),
    adaptive("Adam", "adam_l2"),
    adaptive("MADGRAD AdEMAMix ADOPT NovoGrad"),
    nothing("Amos", "it has a decay rule of its own, which is none without gradient"),
    nothing("Ranger21", NORMS),
    nothing("Prodigy DAdaptAdam DAdaptAdaGrad DAdaptAdan DAdaptLion DAdaptSGD", ADAPTED),
)
"""pytorch_optimizer 4.1.0."""

OPTIMI: tuple[Row, ...] = (
    decoupled("AdamW StableAdamW", "adam", "relative", when={"decouple_lr": TRUE}, notes=(CONSTRUCTOR,)),
    decoupled("Lion", "lion", "relative", when={"decouple_lr": TRUE}, notes=(CONSTRUCTOR,)),
    decoupled("AdamW StableAdamW"),
    decoupled("Lion", "lion"),
    decoupled("Adam RAdam", when={"decouple_wd": TRUE}),
    decoupled("Adan", "", link="implicit"),
    sgdw("SGD", when={"decouple_wd": TRUE}),
    coupled("SGD"),
    lookahead("Ranger", 6, 0.5),
    adaptive("Adam", "adam_l2"),
    adaptive("RAdam"),
)
"""torch-optimi 0.3."""

HEAVYBALL: tuple[Row, ...] = (
    nothing("NAdam", GROWS),
    nothing("AdamW ForeachAdamW LaProp SGD Muon SOAP", CAUTIOUS, when={"cautious_weight_decay": TRUE}),
    decoupled("AdamW ForeachAdamW LaProp"),
    decoupled("Muon", ""),
    sgdw("SGD", 0.9, option="beta", notes=("decoupled, although it is called SGD",)),
    decoupled("SOAP ForeachSOAP", "", late=1, notes=(FIRST,)),
)
"""heavyball 3.2.1."""

SCHEDULEFREE: tuple[Row, ...] = (
    averaged("AdamWScheduleFree SGDScheduleFree AdamWScheduleFreeReference SGDScheduleFreeReference"),
    nothing("RAdamScheduleFree", SILENT),
)
"""schedulefree 1.4."""

TRANSFORMERS: tuple[Row, ...] = (
    decoupled("Adafactor", "", when={"scale_parameter": FALSE}),
    decoupled("Adafactor", "", facts={"rms": TRUE}, notes=(RMS,)),
    decoupled("AdamW"),
)
LION_PYTORCH: tuple[Row, ...] = (
    decoupled("Lion", "lion", "relative", when={"decoupled_weight_decay": TRUE}, notes=(CONSTRUCTOR,)),
    decoupled("Lion", "lion"),
)
ADABELIEF: tuple[Row, ...] = (
    adaptive("AdaBelief", when={"weight_decouple": FALSE}),
    decoupled("AdaBelief", "", "absolute", when={"fixed_decay": TRUE}),
    decoupled("AdaBelief", ""),
)
ADAM_ATAN2: tuple[Row, ...] = (
    nothing("AdamAtan2", CAUTIOUS, when={"cautious_wd": TRUE}),
    decoupled("AdamAtan2", "adam", "relative", when={"decoupled_wd": TRUE}, notes=(CONSTRUCTOR,)),
    decoupled("AdamAtan2"),
)
COMPOSER: tuple[Row, ...] = (
    decoupled("DecoupledAdamW", "adam", "relative", notes=(INITIAL,)),
    sgdw("DecoupledSGDW", reach="relative", notes=(INITIAL,)),
)
"""mosaicml's composer."""
FASTAI: tuple[Row, ...] = (
    adaptive("Adam", "adam_l2", when={"decouple_wd": FALSE}),
    adaptive("RAdam QHAdam Larc Lamb Ranger RMSProp", when={"decouple_wd": FALSE}),
    coupled("SGD", option="mom", when={"decouple_wd": FALSE}, word="wd"),
    decoupled("Adam RAdam QHAdam", word="wd"),
    sgdw("SGD", option="mom", word="wd"),
    decoupled("RMSProp Larc Lamb", "", word="wd"),
    lookahead("ranger Ranger", 6, 0.5, word="wd"),
)
BITSANDBYTES: tuple[Row, ...] = (
    decoupled("AdamW AdamW8bit AdamW32bit PagedAdamW PagedAdamW8bit PagedAdamW32bit"),
    decoupled("Adam Adam8bit Adam32bit PagedAdam", notes=("AdamW's decay, although it is called Adam",)),
    decoupled("Lion Lion8bit Lion32bit PagedLion PagedLion8bit", "lion"),
    decoupled("LAMB LAMB8bit LAMB32bit AdEMAMix AdEMAMix8bit AdEMAMix32bit PagedAdEMAMix", "",
              notes=("the step is AdamW's, and the decay is in no trust ratio",)),
    coupled("SGD SGD8bit SGD32bit"),
    adaptive("RMSprop RMSprop8bit Adagrad Adagrad8bit"),
    nothing("LARS LARS8bit PytorchLARS", "its decay goes through a momentum and a trust ratio of the layer"),
)  # fmt: skip
TORCHAO: tuple[Row, ...] = (
    decoupled("AdamW8bit AdamW4bit AdamWFp8 _AdamW"),
    adaptive("Adam8bit Adam4bit AdamFp8 _Adam", "adam_l2"),
)
ONE_EACH: dict[str, tuple[Row, ...]] = {
    "came_pytorch": (decoupled("CAME", ""),),
    "apollo_torch": (decoupled("APOLLOAdamW", "adam"),),
    "galore_torch": (
        decoupled("GaLoreAdamW GaLoreAdamW8bit", "adam"),
        decoupled("GaLoreAdafactor", "", when={"scale_parameter": FALSE}),
        decoupled("GaLoreAdafactor", "", facts={"rms": TRUE}, notes=(RMS,)),
    ),
    "muon_optimizer": (decoupled("Muon SingleDeviceMuon MuonWithAuxAdam SingleDeviceMuonWithAuxAdam", ""),),
    "prodigyopt": (nothing("Prodigy", ADAPTED),),
    "dadaptation": (nothing("DAdaptAdam DAdaptSGD DAdaptAdaGrad DAdaptLion DAdaptAdan DAdaptAdanIP", ADAPTED),),
}
