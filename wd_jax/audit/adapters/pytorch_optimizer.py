"""pytorch_optimizer (kozistr's collection), more than a hundred classes."""

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_groups, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``pytorch_optimizer.NAME``; what has a Muon inside is given its two groups."""
    import pytorch_optimizer

    factory = torch_find.pick("pytorch_optimizer", name, pytorch_optimizer)
    arrange: Any = torch_groups.plain
    note = ""
    if next(iter(inspect.signature(factory).parameters)) == "model":
        arrange = torch_groups.model_first
    if _has_muon_inside(factory):
        by_keyword = "kwarg" in label or "keyword" in label
        note = "decay given as a keyword" if by_keyword else "decay and rate given in both groups (Muon's and AdamW's)"

        def arrange(named: Mapping[str, Any], lr: float | None, weight_decay: float | None) -> Any:
            return torch_groups.muon_groups(named, lr, None if by_keyword else weight_decay)

    return torch_find.by_name(
        "pytorch_optimizer", "pytorch_optimizer", pytorch_optimizer, name, options, label, arrange=arrange, note=note
    )


def _has_muon_inside(factory: Any) -> bool:
    try:
        return "use_muon" in inspect.getsource(factory)
    except (OSError, TypeError):
        return "adamw_lr" in inspect.signature(factory).parameters


NAMES = tuple(
    (
        "LBFGS SGD Adam AdamW NAdam RMSprop A2Grad ADOPT APOLLO ASGD AccSGD AdEMAMix AdaBelief AdaBound AdaDelta "
        "AdaFactor AdaGC AdaGO AdaHessian AdaLOMO AdaMax AdaMod AdaMuon AdaNorm AdaPNM AdaShift AdaSmooth AdaTAM "
        "Adai Adalite AdamC AdamG AdamMini AdamP AdamS AdamWSN Adan AggMo Aida AliG Alice BCOS Amos Ano ApolloDQN "
        "AvaGrad BSAM CAME Conda DASH DAdaptAdaGrad DAdaptAdam DAdaptAdan DAdaptLion DAdaptSGD DeMo DiffGrad "
        "DistributedMuon DualAdam EXAdam EmoFact EmoLynx EmoNavi FAdam FOCUS FTRL Fira FlashAdamW Fromage GaLore "
        "Grams Gravity GrokFastAdamW Kate Kron LARS LOMO LoRARite LaProp Lamb Lion MADGRAD Magma MARS MSVAG Muon "
        "MuonClip Nero NorMuon NovoGrad PAdam PID PNM Prodigy QHAdam QHM RACS RAdam Ranger ROSE SCION SCIONLight "
        "SGDP SGDSaI SGDW SM3 SOAP SPAM SPlus SRMM SWATS SaRA ScalableShampoo ScheduleFreeAdamW ScheduleFreeRAdam "
        "ScheduleFreeSGD Shampoo SignSGD SimplifiedAdEMAMix SophiaH StableAdamW StableSPAM TAM Tiger VSGD Yogi "
        ""
    ).split()
)

LIBRARY = Library(
    name="pytorch_optimizer",
    distribution="pytorch_optimizer",
    modules=("pytorch_optimizer",),
    requirements=("pytorch_optimizer==4.1.0", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "pytorch_optimizer", "pytorch_optimizer"),
    settings=(
        *NAMES,
        "AdamP(fixed_decay=True)",
        "Lion(fixed_decay=True)",
        "Adam(decoupled_weight_decay=True)",
        "ADOPT(weight_decouple=True)",
        "AdEMAMix(weight_decouple=True)",
        "MADGRAD(weight_decouple=True)",
        "NovoGrad(weight_decouple=True)",
        "ScheduleFreeAdamW(eval x)",
        "ScheduleFreeSGD(eval x)",
        "ScheduleFreeRAdam(eval x)",
        "Ranger21(num_iterations=10)",
        "Ranger21(num_iterations=2000)",
        "Muon(weight_decay kwarg)",
        "Lookahead(AdamW)",
        "OrthoGrad(AdamW)",
    ),
    aliases=("pytorch-optimizer",),
    words=(*torch_find.POINTS, "weight_decay kwarg", "weight_decay keyword"),
)
