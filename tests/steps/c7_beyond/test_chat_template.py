from hypothesis import given
from hypothesis import strategies as st

from groundup.data.corpus.chat_marks import PlainEncoder, add_marks, find_marks
from groundup.data.corpus.tokens import train_tokenizer
from groundup.steps.c7_beyond.chat_template import MARKS, ROLES, encode_chat, keep_last_turns, render

LETTERS = "ab <|>usrend\n"
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(ROLES), "content": st.text(LETTERS, max_size=12)}), max_size=6
)
TOKENIZERS = {kind: add_marks(train_tokenizer(kind, [LETTERS * 3], 300)) for kind in ("characters", "bytepair")}


@given(MESSAGES, st.booleans(), st.sampled_from(sorted(TOKENIZERS)))
def test_the_tokens_spell_the_text_and_only_the_template_writes_marks(messages, ask, kind):
    tokenizer = TOKENIZERS[kind]
    numbers, encode = find_marks(tokenizer), PlainEncoder(tokenizer)
    tokens, answered = encode_chat(messages, encode, numbers, ask)
    assert tokenizer.decode(tokens) == render(messages, ask)
    marks = [token for token in tokens if token in numbers.values()]
    assert len(marks) == 2 * len(messages) + ask, "what is typed is no mark"
    own = [token for token, mine in zip(tokens, answered, strict=True) if mine]
    said = [message["content"] for message in messages if message["role"] == "assistant"]
    assert tokenizer.decode(own) == "".join(text + "<|end|>" for text in said)


def test_marks_are_tokens_behind_those_of_the_source():
    for kind, tokenizer in TOKENIZERS.items():
        plain = train_tokenizer(kind, [LETTERS * 3], 300)
        assert tokenizer.size == plain.size + len(MARKS)
        assert sorted(find_marks(tokenizer).values()) == list(range(plain.size, tokenizer.size))
        assert tokenizer.encode("ab ab").tolist() == plain.encode("ab ab").tolist()
        assert find_marks(plain) is None
        assert add_marks(tokenizer).to_json() == tokenizer.to_json()
        assert tokenizer.characters == plain.characters


@given(MESSAGES.filter(len), st.integers(0, 60))
def test_whole_turns_are_left_out_the_oldest_first(messages, room):
    def count(kept):
        return len(render(kept))

    kept = keep_last_turns(messages, count, room)
    told = messages[:1] if messages[0]["role"] == "system" else []
    rest = kept[len(told) :]
    assert kept[: len(told)] == told
    assert rest == messages[len(messages) - len(rest) :]
    if rest != messages[len(told) :]:
        assert rest[0]["role"] == "user"
        longer = next(
            place
            for place in range(len(messages) - len(rest) - 1, len(told) - 1, -1)
            if messages[place]["role"] == "user" or place == len(told)
        )
        assert count([*told, *messages[longer:]]) > room
    if count(kept) > room:
        assert not any(message["role"] == "user" for message in rest[1:])
