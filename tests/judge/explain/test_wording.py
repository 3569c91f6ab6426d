"""Sizes in what is said of a mistake."""

from groundup.judge.explain.wording import fill_in


def test_a_size_of_one_stays_a_name_where_the_number_tells_nothing():
    assert fill_in("divided by √{d}, the root of the width", {"d": 1}) == "divided by √d, the root of the width"
    assert fill_in("divided by √{d}, and N = {N} times too large", {"d": 9, "N": 1}) == (
        "divided by √9, and N times too large"
    )
