"""``wd-jax audit``: what weight decay does in an optimiser of any library."""

from dataclasses import dataclass
from typing import Annotated, Any

from tyro.conf import Positional, arg

from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output, UsageError


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Say what weight decay does in an optimiser: drive it as a black box, and show the numbers behind the answer.

    SPEC is LIBRARY:NAME, with options in brackets where there are any: torch:AdamW, "torch:SGD(momentum=.9,nesterov)",
    optax:adamw. Without SPEC the libraries are listed, with those that are installed and how to install the others.
    An optimiser of your own goes through Python: wd.audit(step), see help(wd.audit).
    """

    spec: Annotated[tuple[str, ...], Positional, arg(metavar="[SPEC ...]", help_behavior_hint="(optional)")] = ()
    """Optimisers, LIBRARY:NAME(option=value,flag)."""
    lr: float = 0.1
    """Learning rate of the test steps; a hundredth of it in those that have gradients."""
    weight_decay: float = 0.01
    """Weight decay of the test steps; ten times as much in those that have gradients."""

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        checks.positive("--lr", self.lr)
        checks.positive("--weight-decay", self.weight_decay)

    def run(self) -> Output:
        """Audit each, or list the libraries."""
        if not self.spec:
            return _libraries()
        from wd_jax.audit.adapters import registry
        from wd_jax.audit.ask import audit

        try:
            boxes = [registry.find(text) for text in self.spec]
        except ValueError as error:
            raise UsageError(str(error)) from error
        found = [audit(box, lr=self.lr, weight_decay=self.weight_decay) for box in boxes]
        records = [{"spec": text, **each.record()} for text, each in zip(self.spec, found, strict=True)]
        return Output("\n\n\n".join(map(repr, found)), records[0] if len(records) == 1 else {"audits": records})


def _libraries() -> Output:
    from wd_jax import display
    from wd_jax.audit.adapters import registry

    rows: list[dict[str, Any]] = []
    for library in registry.libraries():
        there = registry.installed(library)
        rows.append(
            {
                "library": library.name,
                "installed": there,
                "settings": list(library.settings),
                "install": None if there else registry.remedy(library),
            }
        )
    lines = display.facts_text(
        {
            row["library"]: f"{count} {'setting' if count == 1 else 'settings'}"
            + (", installed" if row["installed"] else f"; {row['install']}")
            for row in rows
            for count in [len(row["settings"])]
        },
        indent="  ",
    )
    text = (
        "libraries, as in `wd-jax audit LIBRARY:NAME`; `wd-jax audit LIBRARY` names its optimisers:\n"
        + "\n".join(lines)
        + "\npip install 'wd-jax[audit]', or '.[audit]' in the folder of the sources, installs torch, keras and timm;"
        + "\n`--json` lists every setting."
    )
    return Output(text, {"libraries": rows})
