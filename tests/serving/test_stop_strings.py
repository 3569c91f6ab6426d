"""However a text comes in pieces, it ends before the first stop string, and nothing else is lost."""

from hypothesis import given
from hypothesis import strategies as st

from groundup.serving.stop_strings import StopFinder

letters = st.text("abc", max_size=30)


@given(st.lists(letters, max_size=12), st.lists(st.text("abc", min_size=1, max_size=5), max_size=4))
def test_pieces_join_to_the_text_before_the_first_stop_string(pieces, stops):
    finder, shown, stopped = StopFinder(stops), "", False
    for piece in pieces:
        text, stopped = finder.feed(piece)
        shown += text
        # What is shown is never taken back: no stop string begins in it.
        assert not any(stop in shown for stop in stops)
        if stopped:
            break
    else:
        shown += finder.finish()
    text = "".join(pieces)
    places = [text.find(stop) for stop in stops if stop in text]
    assert stopped == bool(places)
    # Of several stop strings, the one that is complete first ends the text, so it may begin later than another.
    if len(pieces) == 1 or not places:
        assert shown == text[: min(places, default=len(text))]
    else:
        assert text.startswith(shown)
        assert any(text.startswith(stop, len(shown)) for stop in stops)
