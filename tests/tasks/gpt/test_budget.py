from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c6_gpt.gpt import GPT, GPTSettings
from groundup.tasks.gpt.budget import choose_size, fit_steps


def weights(minutes):
    size = choose_size(minutes)
    return GPT(GPTSettings(65, size.context, size.layers, size.heads, size.width)).count_weights()


def test_more_time_never_gets_a_smaller_model():
    sizes = [weights(minutes) for minutes in (0.05, 0.1, 0.5, 1, 3, 60)]
    assert sizes == sorted(sizes)


@given(seconds=st.floats(1, 1e5), step=st.floats(1e-3, 5), evaluation=st.floats(1e-3, 20))
def test_steps_and_evaluations_fit_into_the_time(seconds, step, evaluation):
    steps, evaluate_every = fit_steps(seconds, step, evaluation).values()
    evaluations = -(-steps // evaluate_every)
    assert 1 <= evaluate_every <= steps
    assert evaluations <= 10
    if steps > 1:
        assert steps * step + evaluations * evaluation <= seconds
