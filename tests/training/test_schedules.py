import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c4_training.schedule import learning_rate
from groundup.tasks.digits.model import SCHEDULES
from groundup.training.schedules import cosine, warmup_stable_decay


@given(progress=st.floats(0, 1), warm_up=st.floats(0, 0.4), fall=st.floats(0.1, 0.6), end=st.floats(0, 0.5))
def test_factors_stay_between_nought_and_one(progress, warm_up, fall, end):
    for schedule in (warmup_stable_decay(warm_up, fall, end), cosine(warm_up, end)):
        assert 0 <= schedule(progress) <= 1 + 1e-12
        assert schedule(1.0) == pytest.approx(end)


@given(one=st.floats(0.2, 1), other=st.floats(0.2, 1))
def test_after_the_warm_up_it_never_rises(one, other):
    early, late = sorted((one, other))
    for schedule in (warmup_stable_decay(0.2, 0.5), cosine(0.2)):
        assert schedule(late) <= schedule(early) + 1e-12


@given(step=st.integers(0, 200))
def test_the_digits_can_train_along_the_cosine_of_the_course(step):
    # A twentieth of the run rises.
    assert SCHEDULES["cosine"](step / 200) == pytest.approx(learning_rate(step, 200, 10, 1.0, 0.0), abs=1e-12)
