"""Nothing but the choice of the device knows which device computes.

The meta device runs every operation without numbers: tensors of another device among its own, and a value read in the
middle of a step (which would make a graphics processor wait), are errors.
"""

import pytest
import torch
from torch import nn

from groundup.base.errors import UserError
from groundup.models.decoding import Decoder
from groundup.models.fast_gpt import accelerate
from groundup.steps.c4_training.convolution import ConvolutionalNetwork
from groundup.steps.c4_training.digits import DigitNetwork
from groundup.steps.c5_words.sampling import Cached, Recompute
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.plain_gpt import PlainGPT
from groundup.tasks.gpt.evaluation import next_token_loss
from groundup.tasks.gpt.hyperparameters import choose_rates, make_optimizer
from groundup.training.device import memory_of, pick_device, wait_for
from groundup.training.distributed import ProcessGroup
from groundup.training.loop import take_step
from groundup.training.plan import Plan

META = torch.device("meta")


def settings(preset):
    return GPTSettings(vocabulary=65, context=16, layers=2, heads=2, width=32, preset=preset, dropout=0.1)


@pytest.mark.parametrize("preset", ["modern", "classic", "plain"])
@pytest.mark.parametrize("accumulation_steps", [1, 2])
def test_a_step_of_a_gpt_stays_on_its_device_and_waits_for_nothing(preset, accumulation_steps):
    with META:
        model = GPT(settings(preset))
        tokens = torch.zeros(4, 17, dtype=torch.int64)
    assert not accelerate(model)  # the CPU's way is the CPU's
    optimizer = make_optimizer(model, choose_rates(model.settings, 100, ahead=False), torch.bfloat16)
    plan = Plan(
        model,
        next_token_loss,
        optimizer,
        lambda step: (tokens[:, :-1], tokens[:, 1:]),
        10,
        accumulation_steps=accumulation_steps,
    )
    plan.device, plan.clip_norm = META, 1.0
    for step in range(2):
        told = take_step(plan, *plan.batches(step), [True, False])
        assert told.loss.device.type == told.measured.device.type == "meta"
        assert told.signals == [True, False]
    assert all(parameter.device.type == "meta" for parameter in model.parameters())
    remembered = [value for state in optimizer.state.values() for value in state.values()]
    assert remembered
    assert all(value.device.type == "meta" for value in remembered)


@pytest.mark.parametrize("network", [DigitNetwork, ConvolutionalNetwork])
def test_a_step_of_the_digits_stays_on_its_device(network):
    with META:
        model, pictures, labels = network(), torch.zeros(8, 784), torch.zeros(8, dtype=torch.int64)
    optimizer = torch.optim.AdamW(model.parameters())
    plan = Plan(model, nn.functional.cross_entropy, optimizer, lambda step: (pictures, labels), 3, device=META)
    assert take_step(plan, pictures, labels).loss.device.type == "meta"


@pytest.mark.parametrize("preset", ["modern", "classic"])
def test_text_is_asked_for_on_the_models_device(preset):
    with META:
        model = GPT(settings(preset)).eval()
    for asked in (Decoder(model), Cached(model), Recompute(model, META)):
        assert asked.prefill([1, 2]).device.type == "meta"
        assert asked.decode(3).device.type == "meta"


def test_the_plain_model_is_asked_on_its_device():
    with META:
        model = PlainGPT(vocabulary=5, context=8, width=16, blocks=2, heads=2)
    assert Recompute(model, META).prefill([1]).device.type == "meta"


def test_the_processor_is_taken_where_there_is_nothing_else(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert pick_device().type == "cpu"
    with pytest.raises(UserError, match="device=cuda: PyTorch finds none here"):
        pick_device("cuda")
    with pytest.raises(UserError, match="choose one of auto, cpu, cuda, mps"):
        pick_device("tpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device().type == "mps"
    assert pick_device("auto", ProcessGroup(0, 2, 2)).type == "cpu"


def test_every_process_takes_a_graphics_processor_of_its_own(monkeypatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    assert [pick_device("auto", ProcessGroup(rank, 4, 2, rank % 2)).index for rank in range(4)] == [0, 1, 0, 1]
    assert chosen == [0, 1, 0, 1]
    with pytest.raises(UserError, match=r"3 processes for 2 CUDA device.*nproc-per-node=gpu"):
        pick_device("auto", ProcessGroup(0, 3, 3))


def test_processes_on_one_machine_share_its_memory():
    cpu = torch.device("cpu")
    wait_for(cpu)
    assert memory_of(cpu, ProcessGroup(0, 4, 4)) == memory_of(cpu, ProcessGroup()) // 4 > 2**20
