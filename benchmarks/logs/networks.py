"""Small networks in PyTorch, with and without normalisation; Keras has its own in `with_keras`."""

import torch
from torch import nn
from torch.nn import functional

from benchmarks.logs.data import LENGTH, LETTERS


def _layers(norm: str | None, width: int = 24) -> nn.Sequential:
    """Two hidden layers and a head on 64 pixels."""
    made: dict[str, nn.Module] = {}
    inputs = 64
    for place in (1, 2):
        made[f"hidden{place}"] = nn.Linear(inputs, width, bias=norm is None)
        if norm:
            made[f"norm{place}"] = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[norm](width)
        made[f"relu{place}"] = nn.ReLU()
        inputs = width
    made["head"] = nn.Linear(width, 10)
    net = nn.Sequential()
    for name, module in made.items():
        net.add_module(name, module)
    return net


def mlp() -> nn.Module:
    """No normalisation."""
    return _layers(None)


def mlp_batchnorm() -> nn.Module:
    """Normalised over the batch: hidden layers whose scale does not matter."""
    return _layers("batch")


def mlp_layernorm() -> nn.Module:
    """Normalised over the layer."""
    return _layers("layer")


def small() -> nn.Module:
    """So few weights that a folder of checkpoints stays small."""
    return _layers("batch", 6)


class Named(nn.Module):
    """Normalised over the batch, with a layer whose name has "bias" in it, as a debiasing layer's may."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(64, 24, bias=False)
        self.norm1 = nn.BatchNorm1d(24)
        self.debias = nn.Linear(24, 24, bias=False)
        self.norm2 = nn.BatchNorm1d(24)
        self.head = nn.Linear(24, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of ten classes."""
        x = torch.relu(self.norm1(self.hidden1(x)))
        return self.head(torch.relu(self.norm2(self.debias(x))))


class Conv(nn.Module):
    """Two convolutions, each normalised over the batch, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2, bias=False)
        self.norm2 = nn.BatchNorm2d(12)
        self.head = nn.Linear(12 * 4, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of ten classes."""
        x = torch.relu(self.norm1(self.conv1(x.reshape(-1, 1, 8, 8))))
        return self.head(torch.relu(self.norm2(self.conv2(x))).flatten(1))


class Transformer(nn.Module):
    """One block that reads letters and says the next one at each place."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.embed = nn.Embedding(LETTERS, width)
        self.place = nn.Embedding(LENGTH, width)
        self.block = nn.TransformerEncoderLayer(width, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, LETTERS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of the next letter [rows, place, letter]."""
        length = x.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        h = self.embed(x) + self.place(torch.arange(length))
        return self.head(self.norm(self.block(h, src_mask=mask, is_causal=True)))


NETWORKS = {
    "mlp": mlp,
    "mlp_batchnorm": mlp_batchnorm,
    "mlp_layernorm": mlp_layernorm,
    "small": small,
    "named": Named,
    "conv": Conv,
    "transformer": Transformer,
}

NORMALISED = {
    "mlp": (),
    "mlp_batchnorm": ("hidden1", "hidden2"),
    "mlp_layernorm": ("hidden1", "hidden2"),
    "small": ("hidden1", "hidden2"),
    "named": ("hidden1", "debias"),
    "conv": ("conv1", "conv2"),
    "transformer": (),
}
"""Modules whose scale changes nothing that the network says, so that their norm follows the laws of noise and decay."""


def cost(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, of the next letter for sequences."""
    if scores.ndim == 3:
        scores, y = scores[:, :-1].flatten(0, 1), y[:, 1:].flatten()
    return functional.cross_entropy(scores.float(), y)
