"""llama.cpp itself opens what we write, cuts text as we do, and writes the same text."""

import string
import unicodedata

import gguf
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend
from tokenizers import decoders, models, pre_tokenizers

from groundup.base.errors import UserError
from groundup.data.corpus.tokens import Tokenizer, make_merge_tokenizer, train_tokenizer
from groundup.export.formats import export_run
from groundup.export.gguf_model import find_rare, interleave, write_gguf
from groundup.export.gguf_tokens import CONTROL, END, to_llama
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.positions import RotaryScaling, place_angles, rotary_table, rotate
from groundup.tasks.gpt.runs import continue_text, open_gpt

SENTENCES = "She sells 12 sea-shells, doesn't she?\n\tNaïve  café: 日本語 🙂 ½ ﬁ\r\n"
SIZES = {"context": 256, "layers": 2, "heads": 4, "width": 32}


@pytest.fixture(scope="module")
def opened(run, tmp_path_factory, open_llama):
    """Export a run and open it in llama.cpp."""
    made = export_run(run, "gguf", tmp_path_factory.mktemp("gguf") / "model.gguf")
    return run, open_llama(made.path)


def test_llama_writes_the_same_text(opened, text):
    run, llama = opened
    model, tokenizer, _ = open_gpt(run)
    prompt = tokenizer.encode("She said").tolist()
    assert llama.tokenize("She said") == prompt
    drawn = list(continue_text(model, tokenizer, prompt, 200, temperature=0))
    tokens, written = llama.write(prompt, 200)
    assert tokens == [token for token, _ in drawn]
    # Bytes that are no character: how many signs stand for them differs between programs.
    assert written.replace("\ufffd", "") == "".join(piece for _, piece in drawn).replace("\ufffd", "")


def test_llama_cuts_the_run_s_own_text_alike(opened, text):
    run, llama = opened
    tokenizer = open_gpt(run)[1]
    assert llama.tokenize(text) == tokenizer.encode(text).tolist()


@pytest.fixture(scope="module")
def bytepair(tmp_path_factory, open_llama):
    """Byte pairs that know many words, in a model of next to no size."""
    learned = SENTENCES * 9 + " ".join(map(str, range(999))) + (" " + string.printable * 3) * 3
    tokenizer = train_tokenizer("bytepair", [learned], 600)
    return tokenizer, open_llama(write_tiny(tokenizer, tmp_path_factory.mktemp("bytepair") / "tiny.gguf")[1])


@pytest.fixture(scope="module")
def characters(tmp_path_factory, open_llama):
    tokenizer = train_tokenizer("characters", [SENTENCES])
    return tokenizer, open_llama(write_tiny(tokenizer, tmp_path_factory.mktemp("characters") / "tiny.gguf")[1])


def write_tiny(tokenizer, path, **sizes):
    """Write a model whose weights are drawn at random; return both."""
    torch.manual_seed(0)
    small = {"context": 256, "layers": 1, "heads": 2, "width": 8}
    model = GPT(GPTSettings(vocabulary=tokenizer.size, **{**small, **sizes}))
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=0.05, std=0.3)
    write_gguf(model.eval(), to_llama(tokenizer), "tiny", "f32", path)
    return model.requires_grad_(False), path


# llama.cpp's tables know no letters that are new in Unicode 16, which Python has from 3.14 on.
TABLES = unicodedata if int(unicodedata.unidata_version.split(".")[0]) < 16 else unicodedata.ucd_3_2_0


def is_old(character):
    return TABLES.category(character) != "Cn"


texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cn"]).filter(is_old), max_size=60),
    st.text(st.sampled_from(SENTENCES + "  \n\n'\t"), max_size=120),
    st.lists(
        st.sampled_from(["  ", "\n", " \n ", "it's", "'LL", "don't", "123", " 1234", "é", "a\u0300", "\u00a0"])
    ).map("".join),
)


@given(given_text=texts)
def test_byte_pairs_cut_any_text_as_llama_does(bytepair, given_text):
    tokenizer, llama = bytepair
    assert llama.tokenize(given_text) == tokenizer.encode(given_text).tolist()


@given(given_text=st.text(st.sampled_from(SENTENCES), max_size=200))
def test_characters_are_cut_as_llama_does(characters, given_text):
    tokenizer, llama = characters
    assert llama.tokenize(given_text) == tokenizer.encode(given_text).tolist()


@given(given_text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_llama_leaves_out_characters_that_we_refuse(characters, given_text):
    tokenizer, llama = characters
    known = "".join(character for character in given_text if tokenizer.can_write(character))
    assert llama.tokenize(given_text) == tokenizer.encode(known).tolist()


def test_every_character_of_two_planes_is_cut_alike(tmp_path, open_llama):
    """Every pair of bytes is a token here, so that a word begun elsewhere shows."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pairs = [(a, b) for a in letters for b in letters]
    np.random.default_rng(0).shuffle(pairs)
    vocabulary = {text: place for place, text in enumerate([*letters, *("".join(pair) for pair in pairs)])}
    backend = Backend(models.BPE(vocabulary, [tuple(map(str, pair)) for pair in pairs]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = Tokenizer(backend)
    llama = open_llama(write_tiny(tokenizer, tmp_path / "pairs.gguf")[1])
    for start in range(1, 0x20000, 512):
        known = [chr(code) for code in range(start, start + 512) if not 0xD800 <= code < 0xE000]
        whole = "".join(f"a{c}b1{c}2!{c}? {c} a {c}{c}  {c}\n{c}'s" for c in known if is_old(c))
        assert llama.tokenize(whole) == tokenizer.encode(whole).tolist(), hex(start)


@pytest.mark.parametrize(
    "sizes",
    [
        {"preset": "classic"},
        {"preset": "modern", "tied": True},
        {"preset": "modern", "key_value_heads": 2, "head_width": 12, "hidden": 56, "rotary_base": 500.0},
        {"query_key_norm": False, "rotary_base": 50.0, "rotary_scaling": RotaryScaling(8.0, 1.0, 3.0, 64)},
    ],
    ids=["classic", "tied", "grouped queries, wide heads", "llama, scaled rotary positions"],
)
@pytest.mark.parametrize("kind", ["characters", "bytepair"])
def test_every_kind_of_model_writes_the_same(sizes, kind, tmp_path, open_llama):
    tokenizer = train_tokenizer(kind, [SENTENCES], 280)
    model, path = write_tiny(tokenizer, tmp_path / "model.gguf", **SIZES, **sizes)
    prompt = tokenizer.encode("She sells").tolist()
    written = open_llama(path).write(prompt, 50)[0]
    assert len(written) == 50
    # Weights at random make close calls: whatever llama.cpp chose was the best for us, or as good as.
    scores = model(torch.tensor([[*prompt, *written[:-1]]]))[0, len(prompt) - 1 :]
    chosen = scores.gather(1, torch.tensor(written)[:, None])[:, 0]
    assert (scores.max(1).values - chosen).max() < 3e-3


@pytest.mark.parametrize("run", ["classic-characters", "modern-bytepair"], indirect=True)
@pytest.mark.parametrize(("dtype", "error"), [("f32", 0), ("f16", 2**-11), ("bf16", 2**-8), ("q8_0", 1 / 127)])
def test_weights_are_kept_as_closely_as_their_kind_can(run, dtype, error, tmp_path, open_llama):
    made = export_run(run, "gguf", tmp_path / "model.gguf", dtype)
    model, tokenizer, _ = open_gpt(run)
    fields = gguf.GGUFReader(made.path)
    found = {tensor.name: tensor for tensor in fields.tensors}
    embedding = found["token_embd.weight"]
    stored = gguf.quants.dequantize(embedding.data, embedding.tensor_type)[: tokenizer.size]
    ours = model.token_embedding.weight.numpy()
    assert np.abs(stored - ours).max() <= error * np.abs(ours).max()
    assert embedding.tensor_type.name.lower() == dtype
    assert found["output_norm.weight"].tensor_type.name == "F32"
    value = fields.get_field(f"{fields.get_field('general.architecture').contents()}.context_length")
    assert value.contents() == model.settings.context
    assert made.size == made.path.stat().st_size
    assert len(open_llama(made.path).write(tokenizer.encode("She").tolist(), 5)[0]) == 5


@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_the_smaller_kinds_are_smaller(run, tmp_path):
    sizes = [export_run(run, "gguf", tmp_path / kind, kind).size for kind in ("f32", "f16", "q8_0")]
    assert sizes == sorted(sizes, reverse=True)
    assert export_run(run, "gguf", tmp_path / "bf16", "bf16").size == sizes[1]


def test_rows_that_no_block_fills_are_kept_in_half_precision(tmp_path):
    tokenizer = train_tokenizer("characters", [SENTENCES])
    model = GPT(GPTSettings(vocabulary=tokenizer.size, context=8, layers=1, heads=2, width=24)).eval()
    write_gguf(model, to_llama(tokenizer), "odd", "q8_0", tmp_path / "odd.gguf")
    kinds = {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(tmp_path / "odd.gguf").tensors}
    assert kinds["blk.0.attn_q.weight"] == "F16"
    assert kinds["blk.0.ffn_down.weight"] == "Q8_0"


def test_the_token_that_llama_stops_at_never_scores_highest(run):
    model, tokenizer, _ = open_gpt(run)
    tokens = to_llama(tokenizer)
    if tokenizer.characters is None:
        # The byte 255, which no text holds.
        assert not tokens.added
        assert tokenizer.backend.id_to_token(tokens.end) == "ÿ"
        return
    assert (tokens.added, tokens.end, tokens.texts[-1]) == (True, tokenizer.size, END)
    scores = model(torch.randint(tokenizer.size, (8, 64))).flatten(0, 1)
    added = scores[:, find_rare(model)].mean(1)
    assert (added < scores.max(1).values).all()
    assert (added - scores.logsumexp(1)).exp().max() < 1 / 8  # the mean of eight is below one of them


def test_a_special_token_of_the_tokenizer_s_own_is_the_end():
    backend = train_tokenizer("bytepair", [SENTENCES]).backend
    backend.add_special_tokens(["<|endoftext|>"])
    tokens = to_llama(Tokenizer(backend))
    assert (tokens.added, tokens.texts[tokens.end]) == (False, "<|endoftext|>")
    assert tokens.kinds.count(CONTROL) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda backend: setattr(backend, "pre_tokenizer", pre_tokenizers.Whitespace()),
        lambda backend: setattr(backend, "pre_tokenizer", pre_tokenizers.ByteLevel(add_prefix_space=True)),
        lambda backend: setattr(backend, "pre_tokenizer", pre_tokenizers.ByteLevel(False, use_regex=False)),
        lambda backend: setattr(backend.model, "ignore_merges", True),
        lambda backend: setattr(backend.model, "end_of_word_suffix", "</w>"),
    ],
)
def test_a_tokenizer_that_llama_has_not_is_refused(change):
    backend = train_tokenizer("bytepair", [SENTENCES]).backend
    change(backend)
    with pytest.raises(UserError, match=r"llama\.cpp would cut text otherwise"):
        to_llama(Tokenizer(backend))


def test_merges_of_characters_are_refused():
    with pytest.raises(UserError, match=r"llama\.cpp would cut text otherwise"):
        to_llama(make_merge_tokenizer("ab", [("a", "b")]))


def test_llamas_rows_are_ordered_for_pairs_that_are_neighbours():
    """llama.cpp turns neighbouring channels in its architecture ``llama``: the scores must be those of our order."""
    torch.manual_seed(0)
    queries, keys = torch.randn(2, 3, 8).unbind()  # [position, channel of one head]
    order = interleave(torch.eye(8), 8)
    angles = place_angles(torch.arange(3), 8, 100.0)

    def turn_neighbours(x):
        first, second = x[:, ::2], x[:, 1::2]
        turned = first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()
        return torch.stack(turned, dim=-1).flatten(1)

    expected = rotate(queries, *rotary_table(3, 8, 100.0)) @ rotate(keys, *rotary_table(3, 8, 100.0)).T
    torch.testing.assert_close(turn_neighbours(queries @ order.T) @ turn_neighbours(keys @ order.T).T, expected)


def test_a_model_without_norms_of_queries_is_llama(tmp_path):
    model = GPT(GPTSettings(vocabulary=3, query_key_norm=False, **SIZES)).eval()
    path = tmp_path / "llama.gguf"
    write_gguf(model, to_llama(train_tokenizer("characters", ["abc"])), "llama", "f32", path)
    reader = gguf.GGUFReader(path)
    assert reader.fields["general.architecture"].contents() == "llama"
    written = {tensor.name: torch.tensor(tensor.data) for tensor in reader.tensors}
    attention = model.blocks[1].attention
    assert torch.equal(written["blk.1.attn_k.weight"], interleave(attention.key.weight, 8))
    assert torch.equal(written["blk.1.attn_v.weight"], attention.value.weight)


def test_llama_writes_what_a_model_without_norms_of_queries_writes(tmp_path, open_llama, text):
    torch.manual_seed(0)
    tokenizer = train_tokenizer("characters", [text])
    model = GPT(GPTSettings(vocabulary=tokenizer.size, query_key_norm=False, key_value_heads=2, **SIZES)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    path = tmp_path / "llama.gguf"
    write_gguf(model, to_llama(tokenizer), "llama", "f32", path)
    prompt = tokenizer.encode("She said").tolist()
    drawn = continue_text(model, tokenizer, prompt, 30, temperature=0)
    assert open_llama(path).write(prompt, 30)[0] == [token for token, _ in drawn]
