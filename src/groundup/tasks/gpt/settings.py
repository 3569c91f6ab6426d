"""What can be set of a gpt training."""

from __future__ import annotations

from dataclasses import dataclass

from groundup.tasks.gpt.about import MOST_CONTEXT
from groundup.training.device import DEVICES
from groundup.training.precision import CHOICES
from groundup.training.settings import MOST, setting
from groundup.training.sharding import SHARDED


@dataclass(frozen=True)
class GPTTaskSettings:
    """What `groundup train gpt --set KEY=VALUE` can set."""

    preset: str = setting(
        "modern",
        "the architecture: modern is Qwen3, classic is GPT-2, plain has the most parts to exchange",
        choices=("modern", "classic", "plain"),
    )
    layers: int | None = setting(None, "blocks, one after the other", low=1, high=1024)
    heads: int | None = setting(None, "attention heads in a block", low=1, high=1024)
    width: int | None = setting(None, "channels of a token's vector", low=2, high=65_536)
    context: int | None = setting(None, "how many tokens the model sees at once", low=1, high=MOST_CONTEXT)
    dropout: float = setting(0.0, "share of channels dropped in training", low=0, high=0.9)
    batch_size: int | None = setting(None, "windows a step learns from", low=1, high=1_000_000)
    accumulation_steps: int = setting(
        1,
        "parts of a batch that are computed one after the other; more need less memory",
        low=1,
        high=1_000_000,
        former_name="pieces",
    )
    steps: int = setting(1000, "training steps; --minutes plans them itself", low=1, high=MOST)
    learning_rate: float | None = setting(None, "of the matrices; the preset's own if left out", low=0, high=1e30)
    clip_norm: float | None = setting(
        None, "longest gradient let through; these optimisers hardly need it", low=1e-6, high=1e30
    )
    lora: int | None = setting(
        None, "with --from: train only changes of this rank of the blocks' matrices (LoRA)", low=1, high=65_536
    )
    lora_alpha: float | None = setting(
        None, "what the changes are multiplied by, times their rank; twice the rank if left out", low=1e-6, high=1e6
    )
    experts: int | None = setting(
        None, "feed-forwards in each block, of which a token uses a few (mixture of experts)", low=1, high=1024
    )
    experts_per_token: int | None = setting(
        None, "how many of the experts a token uses; two if left out", low=1, high=1024
    )
    balance: float = setting(0.01, "weight of the loss that keeps all experts in use", low=0, high=1e3)
    tokenizer: str = setting("characters", "what a token is", choices=("characters", "bytepair"))
    vocabulary_size: int = setting(1024, "how many tokens byte pairs may have", low=256, high=10_000_000)
    text_column: str = setting(
        "", "column of Parquet, or field of JSONL, to learn from; default: text, or the only one"
    )
    precision: str = setting("auto", "number type in matrix products", choices=CHOICES)
    device: str = setting("auto", "where to compute; auto: a graphics processor if there is one", choices=DEVICES)
    sharded: str = setting("auto", "spread the weights over the processes; auto: if they do not fit", choices=SHARDED)
    compile: str = setting("no", "let torch.compile join operations", choices=("no", "yes"))
    evaluate_every: int | None = setting(None, "steps between measurements on the validation text", low=1, high=MOST)
    patience: int | None = setting(
        None, "end after so many measurements in a row without a new best; never by default", low=1, high=MOST
    )
    sample_tokens: int = setting(100, "how much text to show at each measurement; 0 shows none", low=0, high=1_000_000)
    checkpoint_seconds: float = setting(30.0, "seconds between checkpoints; 0 saves after every step", low=0, high=1e9)
    shard_above: float = setting(10.0, "from how many megabytes of text on it is tokenised to disk", low=0, high=1e9)
    shard_processes: int | None = setting(
        None, "processes that tokenise it; one a processor core if left out", low=1, high=1024
    )
    measured_tokens: int = setting(
        262_144,
        "most tokens a measurement in training asks for, evenly spaced over the validation text",
        low=1,
        high=MOST,
    )
