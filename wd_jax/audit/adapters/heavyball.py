"""heavyball, with its compiler switched off while it is audited: the same code, run eagerly."""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any

from wd_jax.audit.adapters import torch_find, torch_instance
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox

NOTE = "run with compile_mode=None (same code, eager)"


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Let heavyball run without its compiler in this block."""
    from heavyball import utils

    before = utils.compile_mode
    utils.compile_mode = None
    try:
        yield
    finally:
        utils.compile_mode = before


def find(name: str, options: Mapping[str, Any], label: str) -> BlackBox:
    """Give the black box of ``heavyball.NAME``."""
    import heavyball

    return torch_find.by_name("heavyball", "heavyball", heavyball, name, options, label, around=eager, note=NOTE)


LIBRARY = Library(
    name="heavyball",
    distribution="heavyball",
    modules=("heavyball",),
    requirements=("heavyball==3.2.1", "torch==2.13.0", "numpy"),
    find=find,
    wrap=functools.partial(torch_instance.wrap, "heavyball", "heavyball", around=eager, note=NOTE),
    settings=(
        *(
            "SGD AdamW NAdam AdEMAMix UnscaledAdamW SUDSAdamW Scion AdamC RMSprop HyperBallAdamW MuonAdamW SFAdamW "
            "MSAMLaProp ADOPT Muon LaProp MuonLaProp SOAP KLSOAP KLShampoo SOAPNAdam SOAPAdEMAMix SignLaProp SOLP "
            "HeavySOAP OrthoLaProp LaPropOrtho PSGDKron LATHER PSGDPRO PSGDLRA".split()
        ),
        "AdamW(caution=True)",
        "AdamW(cautious_weight_decay=True)",
        "SGD(caution=False)",
        "SGD(caution=True)",
        "Muon(caution=True)",
        "SOAP(caution=False)",
        "SOAP(caution=True)",
        "NAdam(decoupled_weight_decay=True)",
        "NAdam(decoupled_weight_decay=False)",
        "SFAdamW x(eval)",
    ),
    words=torch_find.POINTS,
)
