"""The losses of GRPO and DPO and the advantages are those that trl's trainers compute on the same samples."""

import math

import pytest
import torch

from groundup.steps.c7_beyond.policy_gradient import policy_loss, token_log_probabilities
from groundup.steps.c7_beyond.preference import preference_loss
from groundup.steps.c7_beyond.reward import group_advantages

pytest.importorskip("trl")

pytestmark = pytest.mark.filterwarnings("ignore")  # what trl and transformers find outdated in each other

CLIP, PULL, BETA = 0.2, 0.01, 0.1
QUESTION, ANSWER, SAMPLES = 4, 3, 4


@pytest.fixture(scope="module")
def tokenizer():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {word: number for number, word in enumerate(["<pad>", "<end>", *"0123456789+="])}
    backend = Tokenizer(models.WordLevel(words, unk_token="<pad>"))
    backend.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="<pad>", eos_token="<end>")


@pytest.fixture
def model(tokenizer, tmp_path):
    drawn = draw_model(tokenizer, seed=0)
    drawn.save_pretrained(tmp_path / "model")  # where the trainer of GRPO finds its reference
    return type(drawn).from_pretrained(tmp_path / "model")


def draw_model(tokenizer, seed):
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    sizes = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=16,
        initializer_range=0.5,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return LlamaForCausalLM(sizes)


def ask(model, tokens):
    """Return the log-probabilities of the answers' tokens, under a model of transformers."""
    logits = model(input_ids=tokens).logits[:, QUESTION - 1 : -1]
    return token_log_probabilities(logits, tokens[:, QUESTION:])


def draw_tokens(rows):
    return torch.randint(2, 14, (rows, QUESTION + ANSWER), generator=torch.Generator().manual_seed(1))


def read_gradients(model):
    return [parameter.grad.clone() for parameter in model.parameters()]


def make_grpo(model, tokenizer, folder, reward):
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    settings = GRPOConfig(
        output_dir=str(folder),
        loss_type="grpo",
        beta=PULL,
        epsilon=CLIP,
        use_bias_correction_kl=False,  # the pull as in "DeepSeekMath", without the ratio that later work adds
        num_generations=SAMPLES,
        per_device_train_batch_size=2 * SAMPLES,
        max_completion_length=ANSWER,
        report_to=[],
        use_cpu=True,
        bf16=False,
        seed=0,
    )
    questions = Dataset.from_dict({"prompt": ["12+3=", "45+6="]})
    trainer = GRPOTrainer(
        model=model, reward_funcs=reward, args=settings, train_dataset=questions, processing_class=tokenizer
    )
    trainer.current_gradient_accumulation_steps = 1
    return trainer


def test_the_policy_loss_and_its_gradients_are_those_of_trl(model, tokenizer, tmp_path):
    trainer = make_grpo(model, tokenizer, tmp_path, lambda completions, **_: [0.0] * len(completions))
    tokens, random = draw_tokens(2 * SAMPLES), torch.Generator().manual_seed(2)
    advantages = torch.randn(len(tokens), generator=random)
    with torch.no_grad():
        now = ask(model, tokens)
    old, reference = (now + 0.3 * torch.randn(now.shape, generator=random) for _ in range(2))
    inputs = {
        "prompt_ids": tokens[:, :QUESTION],
        "completion_ids": tokens[:, QUESTION:],
        "prompt_mask": torch.ones(len(tokens), QUESTION, dtype=torch.long),
        "completion_mask": torch.ones(len(tokens), ANSWER, dtype=torch.long),
        "advantages": advantages,
        "old_per_token_logps": old,
        "ref_per_token_logps": reference,
    }
    theirs = trainer.compute_loss(trainer.model, inputs)
    theirs.backward()
    wanted = read_gradients(model)
    model.zero_grad()
    ours = policy_loss(ask(model, tokens), old, reference, advantages, CLIP, PULL)
    ours.backward()
    ratio = (now - old).exp()
    assert (ratio > 1 + CLIP).any()
    assert (ratio < 1 - CLIP).any()
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(read_gradients(model), wanted)


def test_the_advantages_are_those_of_trl_but_for_its_deviation(model, tokenizer, tmp_path):
    """trl divides by the deviation of a sample, with S − 1 in place of S, to which it adds 1e-4."""
    random = torch.Generator().manual_seed(3)
    drawn = 1000 * torch.randn(2, SAMPLES, generator=random)
    drawn[1] = drawn[1, 0]
    trainer = make_grpo(model, tokenizer, tmp_path, lambda completions, **_: drawn.flatten().tolist())
    rows = [{"prompt": text} for text in ["12+3="] * SAMPLES + ["45+6="] * SAMPLES]
    theirs = trainer._generate_and_score_completions(rows)["advantages"].view(2, SAMPLES)
    ours = group_advantages(drawn) * math.sqrt((SAMPLES - 1) / SAMPLES)
    assert theirs[0].abs().min() > 0
    torch.testing.assert_close(theirs, ours, rtol=1e-5, atol=1e-6)


def test_the_preference_loss_and_its_gradients_are_those_of_trl(model, tokenizer, tmp_path):
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    settings = DPOConfig(
        output_dir=str(tmp_path), beta=BETA, loss_type="sigmoid", report_to=[], use_cpu=True, bf16=False, seed=0
    )
    pairs = Dataset.from_dict({"prompt": ["12+3="], "chosen": ["51"], "rejected": ["61"]})
    start = draw_model(tokenizer, seed=1)
    trainer = DPOTrainer(model=model, ref_model=start, args=settings, train_dataset=pairs, processing_class=tokenizer)
    tokens = draw_tokens(6)
    answered = torch.zeros_like(tokens)
    answered[:, QUESTION:] = 1
    inputs = {"input_ids": tokens, "attention_mask": torch.ones_like(tokens), "completion_mask": answered}
    theirs = trainer.compute_loss(trainer.model, inputs)
    theirs.backward()
    wanted = read_gradients(model)
    model.zero_grad()
    chosen, rejected = ask(model, tokens).sum(1).chunk(2)
    with torch.no_grad():
        before = ask(start, tokens).sum(1).chunk(2)
    ours = preference_loss(chosen, rejected, *before, BETA)
    ours.backward()
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(read_gradients(model), wanted)
