"""The labels of the stored table, written by others in their own words, as words of the audit."""


def words(label: str) -> set[str]:
    """Kinds that agree with a label; more than one where the table's words leave it open.

    SGD without momentum is decoupled and coupled at once; LARS is L2 in the gradient and a trust ratio.
    """
    said = label.lower()
    plain = ("factor 1-lr", "identical to 1-lr", "= l2: plain sgd", "plain sgd)")
    rules: list[tuple[bool, set[str]]] = [
        (said.startswith("decoupled-absolute") or "lr not in it" in said, {"absolute"}),
        (any(word in said for word in plain), {"coupled", "decoupled"}),
        ("damped by the trust ratio" in said or said.startswith("coupled, scaled"), {"coupled", "scaled"}),
        (said.startswith("coupled"), {"coupled"}),
        ("rms(w)" in said, {"scaled"}),
        ("outside the trust ratio" in said, {"decoupled"}),
        ("averaged" in said or "diluted by the average" in said, {"averaged"}),
        ("trust ratio" in said or "wd_ratio" in said, {"scaled"}),
        ("masked" in said or "divides by 1+lr*wd" in said, {"decoupled"}),
        ("grow" in said, {"growing"}),
        ("momentum sum" in said, {"coupled"}),
        ("l1, sign" in said, {"l1"}),
        ("nan with" in said or "ftrl" in said or "inner schedule" in said, {"unknown"}),
        ("no effect" in said or "own rule" in said or "none at zero gradient" in said, {"none"}),
        ("scaled by the adapted d" in said, {"scaled", "none"}),
        (said.startswith("decoupled"), {"decoupled"}),
    ]
    return next(kinds for holds, kinds in rules if holds)
