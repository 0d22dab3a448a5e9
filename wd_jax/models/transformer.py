"""A small decoder-only transformer: what follows each token of a sequence, from the tokens up to it."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.inputs import limits
from wd_jax.models.mlp import ACTIVATIONS
from wd_jax.models.normalise import normalised
from wd_jax.models.parts import NORMS, Described, Leaves, choice, gains, normals, scaled


class Block(NamedTuple):
    """Parameters of a block, in the order applied; every matrix is stored [n_in, n_out]."""

    before_attention: Leaves
    query: jax.Array
    key: jax.Array
    value: jax.Array
    out: jax.Array
    before_mlp: Leaves
    up: jax.Array
    down: jax.Array


class Params(NamedTuple):
    """Parameters of the network, in the order applied."""

    embedding: jax.Array
    positions: jax.Array
    blocks: tuple[Block, ...]
    before_unembedding: Leaves
    unembedding: jax.Array


@dataclass(frozen=True)
class Transformer(Described):
    """Embeddings, blocks of causal attention and of an MLP, and an unembedding (see `transformer`)."""

    vocab: int
    length: int
    width: int
    depth: int
    heads: int
    mlp_width: int
    activation: str
    norm: str

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, naming the field, its value and the remedy."""
        for field in ("vocab", "length", "width", "depth", "heads", "mlp_width"):
            limit = limits.LAYERS if field == "depth" else limits.WIDTH
            least = 2 if field == "vocab" else 1
            object.__setattr__(self, field, limits.counted(field, getattr(self, field), limit, least))
        if self.width % self.heads:
            raise ValueError(f"heads={self.heads}: must divide the width, {self.width}; give 1, or another width")
        choice("activation", self.activation, tuple(ACTIVATIONS))
        choice("norm", self.norm, NORMS)

    @property
    def n_in(self) -> int:
        """Inputs per example: token numbers."""
        return self.length

    @property
    def tokens(self) -> int:
        """How many tokens the inputs number."""
        return self.vocab

    def check_fits(self, n_in: int, outputs: tuple[int, ...], tokens: int | None) -> None:
        """Refuse data of other sizes.

        Parameters
        ----------
        n_in : int
            Inputs of an example.
        outputs : tuple of int
            Shape of the outputs of an example, (n_out,) or (positions, classes).
        tokens : int or None
            How many tokens the inputs number, if they do.

        Raises
        ------
        ValueError
            Naming the argument and its remedy, in one line.
        """
        if n_in > self.length:
            raise ValueError(f"length={self.length}: the data have {n_in} tokens a sequence: give length={n_in}")
        if len(outputs) == 1 or outputs[0] != n_in:
            have = "one row of targets an example" if len(outputs) == 1 else f"targets at {outputs[0]} positions"
            raise ValueError(
                f"model 'transformer': says what follows each of {n_in} tokens, and the data have {have}: give class "
                f"numbers [examples, {n_in}], Split(..., classes={self.vocab}), or a model of your own on top of it"
            )
        classes = outputs[1]
        if classes != self.vocab and tokens is not None and tokens > classes:
            raise ValueError(
                f"vocab={self.vocab}: the data have {tokens} tokens and only {classes} classes: give "
                f"Split(..., classes={self.vocab})"
            )
        if classes != self.vocab:
            raise ValueError(
                f"vocab={self.vocab}: the data have {classes} classes at each position: give vocab={classes}"
            )

    def init(self, key: jax.Array) -> Params:
        """Draw the parameters, float32: embeddings N(0, 1), all other matrices N(0, 1/n_in), gains 1.

        Parameters
        ----------
        key : jax.Array
            Typed key, as of ``jax.random.key(0)``.
        """
        d, wide = self.width, self.mlp_width
        ends, matrices = [(self.vocab, d), (self.length, d), (d, self.vocab)], [*4 * [(d, d)], (d, wide), (wide, d)]
        embedding, positions, unembedding, *inner = normals(key, [*ends, *self.depth * matrices])
        blocks = []
        for first in range(0, len(inner), len(matrices)):
            query, key_, value, out, up, down = map(scaled, inner[first : first + len(matrices)])
            before, between = gains(self.norm, d), gains(self.norm, d)
            blocks.append(Block(before, query, key_, value, out, between, up, down))
        return Params(embedding, positions, tuple(blocks), gains(self.norm, d), scaled(unembedding))

    def apply(self, params: Params, x: jax.Array) -> jax.Array:
        """Give the pre-activations of the next token at each position, [batch, T, vocab], for tokens [batch, T].

        Token numbers are whole, as integers or as floats; T is at most the length of the model.
        """
        length = x.shape[-1]
        tokens = jax.nn.one_hot(x.astype(jnp.int32), self.vocab, dtype=params.embedding.dtype)
        stream = tokens @ params.embedding + params.positions[:length]
        for block in params.blocks:
            stream = stream + attend(block, self.heads, normalised(self.norm, block.before_attention, stream))
            hidden = normalised(self.norm, block.before_mlp, stream) @ block.up
            stream = stream + ACTIVATIONS[self.activation](hidden) @ block.down
        return normalised(self.norm, params.before_unembedding, stream) @ params.unembedding


def attend(block: Block, heads: int, x: jax.Array) -> jax.Array:
    r"""Causal self-attention, :math:`\mathrm{softmax}(QK^T/\sqrt{d_h})V` of each head over this and earlier positions.

    Parameters
    ----------
    block : Block
        Its four matrices [d, d].
    heads : int
        How many share the width d, d_h = d/heads each.
    x : jax.Array [batch, T, d]
        Normalised.

    Returns
    -------
    jax.Array [batch, T, d]
    """

    def split(matrix: jax.Array) -> jax.Array:
        return (x @ matrix).reshape(*x.shape[:-1], heads, -1)

    query, key, value = split(block.query), split(block.key), split(block.value)
    scores = jnp.einsum("bthd,bshd->bhts", query, key) / math.sqrt(query.shape[-1])
    earlier = jnp.tril(jnp.ones((x.shape[-2], x.shape[-2]), bool))
    shares = jax.nn.softmax(jnp.where(earlier, scores, -jnp.inf), axis=-1)
    return jnp.einsum("bhts,bshd->bthd", shares, value).reshape(x.shape) @ block.out


def transformer(
    vocab: int,
    length: int,
    width: int = 32,
    depth: int = 2,
    heads: int = 2,
    *,
    mlp_width: int | None = None,
    activation: str = "gelu",
    norm: str = "rms",
) -> Transformer:
    """Describe a small decoder-only transformer with pre-norm blocks, learned positions and an untied unembedding.

    Parameters
    ----------
    vocab : int
        Tokens: numbers 0 to vocab - 1.
    length : int
        Tokens of a sequence, at most.
    width : int
        Of the residual stream, d.
    depth : int
        Blocks.
    heads : int
        Of attention; they share the width.
    mlp_width : int, optional
        Hidden units of each block's MLP; 4 times the width by default.
    activation : {"sigmoid", "tanh", "relu", "erf", "gelu"}
        Of those.
    norm : {"rms", "layer"}
        Before attention, before the MLP, and before the unembedding.

    Returns
    -------
    Transformer
        A model: ``init(key)`` gives its parameters, ``apply(params, x)`` its outputs [batch, T, vocab]. Linear layers
        have no biases. Embeddings are matrices, hence layers, and decay.

    Raises
    ------
    ValueError
        For sizes or words that cannot be meant.

    Examples
    --------
    >>> model = transformer(vocab=27, length=16)
    >>> params = jax.eval_shape(model.init, jax.random.key(0))  # shapes alone
    >>> jax.eval_shape(model.apply, params, jnp.zeros((5, 16))).shape
    (5, 16, 27)
    """
    inner: Any = 4 * width if mlp_width is None and isinstance(width, int) else mlp_width
    return Transformer(vocab, length, width, depth, heads, inner, activation, norm)
