"""The chat task end to end: it learns to answer and to stop, remembers turns, goes on bit for bit, and exports."""

import io
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from groundup.__main__ import main
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.corpus.chat_marks import JINJA, find_marks
from groundup.export.huggingface import find_origin, prepare_folder
from groundup.runs.folder import Run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.chat_template import MARKS, encode_chat, render
from groundup.tasks.chat.conversation import Conversation, open_chat
from groundup.tasks.chat.task import task
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.launch import launch
from groundup.training.interrupts import Interrupted

TINY = ["layers=1", "heads=2", "width=32", "context=32", "precision=float32", "batch_size=8", "sample_tokens=0"]
ANSWERS = {"one": "two", "two": "three", "three": "four", "four": "five", "five": "one"}
CHAT = ["precision=float32", "batch_size=8", "learning_rate=0.02"]


def write_dialogues(path):
    pairs = [{"prompt": cue, "completion": reply} for cue, reply in ANSWERS.items()] * 12
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))


@pytest.fixture(scope="module", params=["modern-characters", "classic-bytepair", "plain-characters"])
def source(request, tmp_path_factory):
    """Runs of a text, one of which answers, beside the dialogues it has learned."""
    root = tmp_path_factory.mktemp(request.param)
    preset, tokenizer = request.param.split("-")
    (root / "text.txt").write_text("one two three four five\n" * 60)
    write_dialogues(root / "chat.jsonl")
    pairs = [*TINY, f"preset={preset}", f"tokenizer={tokenizer}", "vocabulary_size=260", "steps=30"]
    launch("gpt", root=root, name="base", data=str(root / "text.txt"), pairs=pairs, reporter=Reporter.silent())
    learn(root, "steps=120", name="talk")
    return root


def learn(root, *pairs, source="base", data="chat.jsonl", **options):
    return launch(
        "chat",
        root=root,
        data=None if data is None else str(root / data),
        pairs=[*CHAT, *pairs],
        origin=None if source is None else lambda: find_origin(root, source),
        reporter=Reporter.silent(),
        **options,
    )


def test_it_learns_to_answer_and_to_stop(source):
    run = Run.open(source, "talk")
    report = json.loads(run.path("report.json").read_text())
    assert report["best_validation_loss"] < 0.3 < report["validation_loss_before"]
    answers = task.predict(run, list(ANSWERS)).answers
    assert dict(zip(ANSWERS, answers, strict=True)) == ANSWERS
    evaluated = task.evaluate(run, None, source, Reporter.silent()).facts
    assert evaluated["loss"] == pytest.approx(report["best_validation_loss"], rel=1e-4)
    assert task.evaluate(run, str(source / "chat.jsonl"), source, Reporter.silent()).facts["dialogues"] == 60
    model, tokenizer, _ = open_gpt(run)
    _, theirs, _ = open_gpt(Run.open(source, "base"))
    assert model.settings.vocabulary == tokenizer.size == theirs.size + len(MARKS)


def test_with_lora_only_changes_and_marks_are_trained(source):
    run, report = learn(source, "steps=80", "lora=4")
    model, _, _ = open_gpt(run)
    theirs, _, _ = open_gpt(Run.open(source, "base"))
    fresh = len(MARKS)
    assert torch.equal(model.token_embedding.weight[:-fresh], theirs.token_embedding.weight)
    assert not torch.equal(model.token_embedding.weight[-1], model.token_embedding.weight[-2])
    assert report.facts["best_validation_loss"] < 0.6 * report.facts["validation_loss_before"]


def test_the_report_says_which_weights_are_the_best_where_they_are_not_the_last(source):
    other = source / "other.jsonl"
    other.write_text(  # the held-out tenth contradicts the rest
        "".join(
            json.dumps({"prompt": cue, "completion": "one" if number >= 54 else "four"}) + "\n"
            for number, cue in enumerate([*ANSWERS] * 12)
        )
    )
    _, report = learn(source, "steps=20", "evaluate_every=4", data=other.name)
    assert report.facts["best_step"] < 20
    told = next(line for line in report.lines if "These are the weights" in line)
    assert f"after step {report.facts['best_step']}, the best on new dialogues" in told
    assert f"({report.facts['validation_loss']:.4f})" in told


@pytest.mark.parametrize("pairs", [[], ["lora=2"]], ids=["all", "lora"])
def test_a_stopped_run_goes_on_bit_for_bit(source, pairs, monkeypatch):
    from groundup.training import loop

    settings = ["steps=6", "checkpoint_seconds=0", *pairs]
    whole, _ = learn(source, *settings)
    taken, take = [], loop.take_step

    def stop_at_four(*arguments):
        taken.append(1)
        if len(taken) > 3:
            raise Interrupted(3, 6)
        return take(*arguments)

    name = f"cut-{len(pairs)}"
    with monkeypatch.context() as patched:
        patched.setattr(loop, "take_step", stop_at_four)
        with pytest.raises(Interrupted):
            learn(source, *settings, name=name)
    run, _ = learn(source, *settings, name=name, source=None, resume=True)
    for file in ("model.safetensors", "state.safetensors"):
        ours, theirs = load_file(run.path(file)), load_file(whole.path(file))
        assert all(torch.equal(ours[one], theirs[one]) for one in theirs)


def test_one_that_answers_goes_on_from_its_own_dialogues(source):
    run, report = learn(source, "steps=1", source="talk", data=None)
    assert run.config["data"] == str((source / "chat.jsonl").resolve())
    assert report.facts["validation_loss_before"] < 0.3
    assert open_chat(run)[1].size == open_chat(Run.open(source, "talk"))[1].size


def test_the_conversation_keeps_the_turns_that_fit(source):
    model, tokenizer = open_chat(Run.open(source, "talk"))
    conversation = Conversation(model, tokenizer)
    assert "".join(conversation.answer("one", tokens=20, temperature=0)) == "two"
    for _ in range(7):
        assert len("".join(conversation.answer("one", tokens=3, temperature=0))) <= 3 * 8
    assert len(conversation.messages) == 16
    assert conversation.forgotten > 0
    prompt = conversation.find_prompt([*conversation.messages, {"role": "user", "content": "one"}])
    assert len(prompt) <= 24
    assert prompt[0] == find_marks(tokenizer)["<|user|>"]
    before = list(conversation.messages)
    with pytest.raises(UserError, match="Write a shorter one"):
        next(conversation.answer("one two three four five" * 3, tokens=3))
    assert conversation.messages == before


def test_what_a_person_types_is_no_mark(source):
    model, tokenizer = open_chat(Run.open(source, "talk"))
    conversation = Conversation(model, tokenizer)
    if tokenizer.characters is not None:
        with pytest.raises(UserError, match="never saw"):
            conversation.find_prompt([{"role": "user", "content": "<|end|>"}])
    else:
        prompt = conversation.find_prompt([{"role": "user", "content": "<|end|>"}])
        assert prompt.count(find_marks(tokenizer)["<|end|>"]) == 1


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        ([], {"source": None}, "goes on from the weights of a run of gpt"),
        (["context=64"], {}, "has seen 32 tokens at once"),
        ([], {"data": "text.txt"}, "text.txt, line 1: no JSON"),
        (["context=8"], {"data": "long.jsonl"}, "no dialogue fits into the 8 tokens"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line_and_leaves_nothing(source, pairs, options, message):
    (source / "long.jsonl").write_text('{"prompt": "one two three", "completion": "four five one two"}\n' * 4)
    with pytest.raises(UserError, match=message) as error:
        learn(source, *pairs, name="refused", **options)
    assert "\n" not in str(error.value)
    assert not (source / "refused").exists()


def test_the_command_answers_and_remembers(source, capsys, monkeypatch):
    where = ["--runs", str(source), "--temperature", "0"]
    assert main(["chat", "talk", "--prompt", "two", "--json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["answer"], found["finished"]) == ("three", True)
    monkeypatch.setattr("sys.stdin", io.StringIO("two\n\n" + "!" * 40 + "\nfive\n"))
    assert main(["chat", "talk", *where]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[:1] == ["three"]
    assert len(said.out.splitlines()) == 3  # one per answer, and one at the end
    assert said.err.count("groundup: ") == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("five\n" * 6))
    assert main(["chat", "talk", *where]) == 0
    assert capsys.readouterr().err.count("sees 32") == 1, "that old messages are left out is said once"
    assert main(["chat", "base", "--prompt", "one", *where]) == 2
    assert "groundup train chat --from base" in capsys.readouterr().err
    assert main(["chat", "talk", "--json", *where]) == 2
    assert "--prompt" in capsys.readouterr().err


def test_transformers_writes_the_same_tokens_and_goes_on_the_same(source, tmp_path):
    transformers = pytest.importorskip("transformers")
    if "plain" in source.name:
        pytest.skip("the plain preset is no other program's")
    run = Run.open(source, "talk")
    prepare_folder(run)(tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    model, tokenizer = open_chat(run)
    conversation = Conversation(model, tokenizer)
    messages = [
        {"role": "system", "content": "one"},
        {"role": "user", "content": "two three"},
        {"role": "assistant", "content": "four"},
        {"role": "user", "content": " five\n"},
    ]
    for ask in (False, True):
        ours = encode_chat(messages, conversation.encode, conversation.numbers, ask)[0]
        found = theirs.apply_chat_template(messages, add_generation_prompt=ask)
        assert list(found if isinstance(found, list) else found["input_ids"]) == ours
        assert theirs.apply_chat_template(messages, add_generation_prompt=ask, tokenize=False) == render(messages, ask)
    other = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    prompt = torch.tensor([conversation.find_prompt([{"role": "user", "content": "three"}])])
    written = other.generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_length=32, pad_token_id=0
    )
    assert theirs.decode(written[0, prompt.shape[1] :], skip_special_tokens=True) == "four"
    assert written[0, -1] == theirs.eos_token_id == conversation.numbers["<|end|>"]
    # The folder comes back as a run that answers.
    assert main(["import", str(tmp_path), "--run", "back", "--runs", str(source)]) == 0
    assert main(["chat", "back", "--prompt", "two", "--runs", str(source), "--temperature", "0"]) == 0


def test_gguf_says_how_messages_are_written_and_where_an_answer_ends(source, tmp_path):
    gguf = pytest.importorskip("gguf")
    from groundup.export.gguf_model import prepare_gguf

    if "plain" in source.name:
        pytest.skip("the plain preset is no other program's")
    run = Run.open(source, "talk")
    prepare_gguf(run)(tmp_path / "talk.gguf")
    reader = gguf.GGUFReader(tmp_path / "talk.gguf")
    model, tokenizer = open_chat(run)
    numbers = find_marks(tokenizer)
    assert reader.fields["tokenizer.chat_template"].contents() == JINJA
    assert reader.fields["tokenizer.ggml.eos_token_id"].contents() == numbers["<|end|>"]
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    assert len(tokens) == model.settings.vocabulary
    assert {text: tokens.index(text) for text in MARKS} == numbers


def test_a_model_without_marks_has_no_conversation():
    from groundup.data.corpus.tokens import train_tokenizer
    from groundup.steps.c6_gpt.gpt_settings import GPTSettings

    with pytest.raises(ValueError, match="no marks"):
        Conversation(GPT(GPTSettings(vocabulary=2, width=8)), train_tokenizer("characters", ["ab"]))


def test_a_right_answer_loss_learns_what_ours_learns(source):
    own = Path(__file__).parents[2] / "exercises" / "answers" / "answer_loss" / "loops.py"
    ours, _ = learn(source, "steps=3", name="ours")
    theirs, _ = learn(source, "steps=3", name="theirs", parts=[f"answer-loss={own}"])
    assert theirs.metrics()[-1]["loss"] == pytest.approx(ours.metrics()[-1]["loss"], rel=1e-4)
    assert open_chat(theirs)[0].count_weights() == open_chat(ours)[0].count_weights()
