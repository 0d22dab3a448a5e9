"""Remake README's gallery: run each command, keep its picture small, write down what it took.

``python docs/gallery.py`` remakes all but MNIST's (ten minutes), ``python docs/gallery.py budget phase`` some of it;
MNIST's pictures are asked for by name and need ``--mnist DIR`` (half an hour). A run in ``runs/gallery`` is not trained
again but drawn again, and keeps the time README has: empty the folder to measure anew.
"""

import argparse
import contextlib
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FIGURES = ROOT / "docs" / "figures"
WORK = ROOT / "runs" / "gallery"
BEGIN, END = "<!-- gallery -->\n", "<!-- /gallery -->\n"
WIDTHS = (1100, 900, 750)
"""Of a picture, pixels: the first that makes it small enough."""
MOST_BYTES = 115_000
TINTS = (1.0, 0.8, 0.6, 0.4, 0.25, 0.2, 0.15, 0.08)
"""Of the figures' colours on white: what a picture's palette is made of."""


@dataclass(frozen=True)
class Picture:
    """One entry of the gallery.

    Parameters
    ----------
    name : str
        Of the file in docs/figures, without its suffix.
    command : str
        What makes it, as README shows it; a path to a tutorial is run cell by cell.
    made : str
        Where the command leaves the picture, seen from the folder it runs in.
    result : str
        What is seen, one sentence.
    alt : str
        What is drawn, for readers who do not see it.
    before : tuple of str
        Commands whose results it needs.
    """

    name: str
    command: str
    made: str
    result: str
    alt: str
    before: tuple[str, ...] = ()

    @property
    def of_mnist(self) -> bool:
        """Whether it needs the MNIST files."""
        return "--dataset mnist" in " ".join((self.command, *self.before))

    @property
    def of_tutorial(self) -> bool:
        """Whether it is drawn by a tutorial's cells."""
        return self.command.endswith(".md")


REPRODUCE = "wd-jax reproduce --out runs/reproduce"
PHASE = (
    "wd-jax sweep --eta 0.01 0.03 0.1 0.3 1 3 10 --lmbda 0.1 0.3 1 3 10 30 100 300 1000 3000 10000 "
    "--seeds 3 --epochs 30 --out runs/phase"
)


def experiment(name: str, result: str, alt: str) -> Picture:
    """Give the entry of one of the claims on digits."""
    folder = f"runs/{name[:7]}"
    return Picture(name, f"wd-jax experiment {name} --out {folder}", f"{folder}/{name}.png", result, alt)


def on_mnist(name: str, result: str, alt: str) -> Picture:
    """Give the entry of one of the claims on MNIST."""
    folder = f"runs/mnist_{name[:7]}"
    command = f"wd-jax experiment {name} --dataset mnist --data-dir path/to/idx/files --out {folder}"
    return Picture(f"mnist_{name}", command, f"{folder}/{name}.png", result, alt)


def kind(name: str, result: str, alt: str, run: str = "runs/reproduce", before: str = REPRODUCE) -> Picture:
    """Give the entry of one kind of ``wd-jax figure``."""
    return Picture(name, f"wd-jax figure {name} {run} -o {name}.png", f"{name}.png", result, alt, (before,))


def tutorial(page: str, result: str, alt: str) -> Picture:
    """Give the entry of a tutorial's figure."""
    return Picture(page.replace("-", "_"), f"docs/tutorials/{page}.md", "figure.png", result, alt)


PICTURES: tuple[Picture, ...] = (
    experiment(
        "claim_1_dominance",
        "**Claim 1.** In the budget of ‖W‖² decay is over half of the first epoch once λ > 0.200 (hidden "
        "layer) and 3.43 (output); by displacement or by force it takes far larger λ.",
        "Decay's share of the first epoch against λ, in three senses, for both layers",
    ),
    experiment(
        "claim_2_epoch_decay",
        "**Claim 2.** Weights without a gradient shrink by exp(-ηλ/m) per epoch; the hidden layer leaves that"
        " curve after a few epochs, the output layer at once.",
        "Weights against epochs beside the line of pure decay, and the ratio of both rates",
    ),
    experiment(
        "claim_3_tail_off",
        "**Claim 3.** The network's rms weight goes as n_w to the power -0.516 to -0.507, from width to width, but is "
        "18.4 to 18.9 times 1/√n_w.",
        "Late weights against the number of weights: exponents near -1/2, sizes far above 1/√n_w",
    ),
    experiment(
        "claim_4_initialisation",
        "**Claim 4.** Both starts end within 1 % of the same weights, with as many errors, but at more than twice "
        "1/√n_in, where the good start begins.",
        "Weights, saturation and accuracy from both starts: the curves come close, those of the weights within 1 %",
    ),
    on_mnist(
        "claim_3_tail_off",
        "**Claim 3 on MNIST.** The network's exponent is -0.440 ± 0.051: -1 is refuted, -1/2 undecided ([all "
        "of MNIST](docs/mnist.md)).",
        "The plateau on MNIST by width and by λ",
    ),
    on_mnist(
        "claim_4_initialisation",
        "**Claim 4 on MNIST.** From the third epoch on every point of the book's figure (dots) lies in the "
        "band of one more run. `wd-jax figure two_starts` draws it again.",
        "Both starts on MNIST, with the book's points",
    ),
    kind(
        "budget",
        "**Budget.** In the output layer drift gives back five sixths of what decay takes in the fifth epoch, and "
        "97 % in the thirtieth; in the hidden layer three fifths by then.",
        "Decay, drift and noise of each layer's squared norm, stacked epoch by epoch",
    ),
    kind(
        "epoch_factor",
        "**Factor per epoch.** Weights on dead inputs have the exact factor, 1e-5 below the limit; the "
        "layers' factors are tens to thousands of times as far off.",
        "The factor of the weights per epoch, measured, exact and in the limit",
    ),
    kind(
        "trajectories",
        "**Trajectories.** The larger λ, the sooner the weights leave pure decay, and the lower they settle.",
        "The rms weight against epochs for three values of λ, each beside its line of pure decay",
    ),
    kind(
        "plateau",
        "**Plateau.** By width the exponents are near -1/2, and by λ from -0.33 to -0.52: no curve is a line.",
        "The rms weight at the plateau against the number of weights and against λ, with local exponents",
    ),
    kind(
        "verdicts",
        "**Verdicts.** On digits: 33 predictions, 9 of which follow from others: 16 hold, 16 fail, 1 undecided; "
        "12 rivals; 4 identities.",
        "Every verdict of a run: how far off, in units of what was allowed",
    ),
    kind(
        "phase",
        "**Phase diagram.** The runs that diverged are those with ηλ/n ≥ 2, all of them and no other.",
        "Over η and λ: where decay dominates, where it tails off, where it diverges",
        "runs/phase",
        PHASE,
    ),
    tutorial(
        "the-exercise",
        "**Tutorial: the exercise in Python.** From N(0,1) the hidden layer follows pure decay, then settles "
        "where the other start settles.",
        "Weights of both layers against epochs from both starts, beside pure decay",
    ),
    tutorial(
        "a-researchers-afternoon",
        "**Tutorial: a researcher's afternoon.** AdamW's law for the size of the weights holds where "
        "gradients are noise; in a network that learns they are 2.6 to 5.7 times as large.",
        "The rms weight against the decay per step: noise lies on the law's line, a network that learns far above it",
    ),
)


def processor_time() -> float:
    """Give the seconds of processor time this process and its finished children have taken."""
    return sum(os.times()[:4])


def run(command: str, data_dir: str | None) -> float:
    """Run one ``wd-jax`` command in the work folder, or a tutorial; return its seconds of processor time."""
    began = processor_time()
    if command.endswith(".md"):
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            cells_of(ROOT / command)["figure"].savefig(WORK / "figure.png", dpi=200)
        return processor_time() - began
    words = shlex.split(command)[1:]
    words = [data_dir or word if word == "path/to/idx/files" else word for word in words]
    subprocess.run([sys.executable, "-m", "wd_jax.cli", *words], cwd=WORK, check=True, stdout=subprocess.DEVNULL)
    return processor_time() - began


def cells_of(page: Path) -> dict[str, Any]:
    """Execute a tutorial's code cells, one after the other; return the names they leave behind."""
    found = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    names: dict[str, Any] = {"__name__": "tutorial"}
    for cell in found:
        code = re.sub(r"\A---\n.*?^---\n", "", cell, flags=re.M | re.S)
        exec(compile(code, str(page), "exec"), names)
    return names


def shrink(source: Path, target: Path) -> None:
    """Store a picture in tints of the figures' colours, as wide as its bytes allow."""
    from PIL import Image

    with Image.open(source) as picture:
        flat = Image.new("RGB", picture.size, "white")
        flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    palette = Image.new("P", (1, 1))
    palette.putpalette(tints())
    for width in WIDTHS:
        size = (width, round(flat.height * width / flat.width))
        small = flat.resize(size, Image.Resampling.LANCZOS) if width < flat.width else flat
        small.quantize(palette=palette, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            return
    raise ValueError(f"{target}: larger than {MOST_BYTES} bytes at {WIDTHS[-1]} pixels: draw less")


def tints() -> list[int]:
    """Give white and the tints of the figures' colours, red, green and blue in turn."""
    from wd_jax.figures import style

    found = [255, 255, 255]
    for color in (style.BLACK, *style.SERIES):
        for share in TINTS:
            found += [round(255 + (int(color[i : i + 2], 16) - 255) * share) for i in (1, 3, 5)]
    return found


def folder_of(command: str) -> Path | None:
    """Name the folder or file that a command leaves behind, without its suffix."""
    words = shlex.split(command)
    return WORK / words[words.index("--out") + 1] if "--out" in words else None


def there(command: str) -> bool:
    """Whether a command's result is there already, complete."""
    left = folder_of(command)
    return left is not None and ((left / "verdicts.json").exists() or left.with_suffix(".nc").exists())


def row(picture: Picture, seconds: str) -> str:
    """Lay out one row of the gallery."""
    how = f"[{picture.command}]({picture.command})" if picture.of_tutorial else f"`{picture.command}`"
    return f"| ![{picture.alt}](docs/figures/{picture.name}.png) | {picture.result}<br>{how} ({seconds}) |"


def gallery(times: dict[str, str]) -> str:
    """Lay out the whole table."""
    rows = [row(picture, times[picture.name]) for picture in PICTURES if picture.name in times]
    return "\n".join(["| | |", "| --- | --- |", *rows]) + "\n"


def known_times(text: str) -> dict[str, str]:
    """Read the times of README's table, by picture."""
    return dict(re.findall(r"^\| !\[[^\]]*\]\(docs/figures/(\w+)\.png\) \|.*\(([^()]*)\) \|$", text, re.M))


def remake(chosen: list[Picture], data_dir: str | None) -> dict[str, str]:
    """Make pictures; return how long each one's command took, but for those drawn again from a run that is there."""
    WORK.mkdir(parents=True, exist_ok=True)
    times = {}
    for picture in chosen:
        for command in picture.before:
            if not there(command):
                print(f"{command}: {run(command, data_dir):.0f} s", flush=True)
        if there(picture.command):
            again = f"wd-jax figure {Path(picture.made).stem} {Path(picture.made).parent} -o {picture.made}"
            run(again + (" --data-dir path/to/idx/files" if picture.of_mnist else ""), data_dir)
        else:
            times[picture.name] = f"{run(picture.command, data_dir):.0f} s"
        shrink(WORK / picture.made, FIGURES / f"{picture.name}.png")
        size = (FIGURES / f"{picture.name}.png").stat().st_size
        print(f"{picture.name}: {times.get(picture.name, 'drawn again')}, {size / 1000:.0f} kB", flush=True)
    return times


def main() -> None:
    """Remake what is asked for, then README's table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="pictures to remake; all but MNIST's by default")
    parser.add_argument(
        "--mnist", metavar="DIR", default=os.environ.get("WD_JAX_DATA"), help="folder of the MNIST files"
    )
    parser.add_argument("--table", action="store_true", help="only write README's table again")
    options = parser.parse_args()
    asked = set(options.names) or {picture.name for picture in PICTURES if not picture.of_mnist}
    if unknown := asked - {picture.name for picture in PICTURES}:
        parser.error(f"no picture {unknown.pop()!r}: choose among {', '.join(p.name for p in PICTURES)}")
    chosen = [] if options.table else [picture for picture in PICTURES if picture.name in asked]
    if any(picture.of_mnist for picture in chosen) and not options.mnist:
        parser.error("MNIST's pictures need --mnist DIR, the folder of its four files")
    made = remake(chosen, options.mnist)
    text = README.read_text(encoding="utf-8")
    times = known_times(text) | made
    before, _, rest = text.partition(BEGIN)
    README.write_text(before + BEGIN + gallery(times) + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()
