"""Names as people and learning platforms write them."""

from pathlib import Path

import pytest

from groundup.exercises.file_names import is_nobody, make_key, read_export, read_name
from groundup.exercises.registry import list_names, read_title
from groundup.exercises.submissions import Submission, infer_exercise, recognise

# Where a file lies → whose it is, and what it answers.
PLACES = {
    # plainly
    "ada/softmax.py": ("ada", "softmax"),
    "ada/softmax.ipynb": ("ada", "softmax"),
    "softmax/ada.py": ("ada", "softmax"),
    "ada_softmax.py": ("ada", "softmax"),
    "softmax-ada.py": ("ada", "softmax"),
    "ada softmax.py": ("ada", "softmax"),
    "Ada Lovelace - softmax.py": ("Ada Lovelace", "softmax"),
    "AdaLovelace_Softmax.PY": ("AdaLovelace", "softmax"),
    "hw3_ada_softmax.py": ("ada", "softmax"),
    "1234567_softmax.py": ("1234567", "softmax"),
    "student_7_softmax.py": ("student_7", "softmax"),
    "group 2 - softmax.py": ("group 2", "softmax"),
    "ada_b_softmax.py": ("ada_b", "softmax"),
    "O'Brien, Pat/softmax.py": ("O'Brien, Pat", "softmax"),
    "Jörg Müller/softmax.py": ("Jörg Müller", "softmax"),
    "Jo\u0308rg/softmax.py": ("J\u00f6rg", "softmax"),
    "李雷/softmax.py": ("李雷", "softmax"),
    "softmax李雷.py": ("李雷", "softmax"),
    "x;=1+1/softmax.py": ("x;=1+1", "softmax"),
    # copies and versions
    "ada/softmax (1).py": ("ada", "softmax"),
    "ada/softmax(2).py": ("ada", "softmax"),
    "ada/softmax_final_v2.py": ("ada", "softmax"),
    "ada/softmax-final-FINAL.py": ("ada", "softmax"),
    "ada/softmax - Copy.py": ("ada", "softmax"),
    "ada/Copy of softmax.py": ("ada", "softmax"),
    "ada/Kopie von softmax.py": ("ada", "softmax"),
    "ada/softmax.py.py": ("ada", "softmax"),
    "ada/softmax2.py": ("ada", "softmax"),
    "ada/01_softmax_2024-05-01.py": ("ada", "softmax"),
    "ada/hw2 softmax solution.py": ("ada", "softmax"),
    # several ways to write an exercise
    "ada/LayerNorm.py": ("ada", "layer-norm"),
    "ada/layer normalization.py": ("ada", "layer-norm"),
    "ada/layer_normalisation.py": ("ada", "layer-norm"),
    "ada/RMSNorm.py": ("ada", "rms-norm"),
    "ada/DeadReLU.py": ("ada", "dead-relu"),
    "ada/optimizer.py": ("ada", "optimiser"),
    "ada/MultiHeadedSelfAttention.py": ("ada", "multi-head-attention"),
    "ada/multi_head_self_attention.py": ("ada", "multi-head-attention"),
    "ada/KVCache.py": ("ada", "key-value-cache"),
    "ada/Linear regression: training.py": ("ada", "regression-training"),
    "ada/bpe.py": ("ada", "byte-pair"),
    "ada/positional_embeddings.py": ("ada", "positional-encoding"),
    # two exercises in a name: the longest
    "ada/gpt_training.py": ("ada", "gpt-training"),
    "ada/gpt_training_loop.py": ("ada", "training-loop"),
    "ada/neuron_backward.py": ("ada", "neuron-backward"),
    "ada/cross_entropy_from_logits.py": ("ada", "loss-from-logits"),
    "ada/self_attention.py": ("ada", "self-attention"),
    # at any depth; of several people the outermost
    "ada/week 1/softmax.py": ("ada", "softmax"),
    "week 1/ada/softmax.py": ("ada", "softmax"),
    "2024/Group B/ada/softmax.py": ("ada", "softmax"),
    "ada/softmax/main.py": ("ada", "softmax"),
    "softmax/ada/solution.py": ("ada", "softmax"),
    "softmax/week1/ada_softmax.py": ("ada", "softmax"),
    "mallory/ada/softmax.py": ("mallory", "softmax"),
    "mallory/ada_softmax.py": ("mallory", "softmax"),
    "ada/attention/self_attention.py": ("ada", "self-attention"),
    "Lovelace, Ada(alovelace)/Submission attachment(s)/softmax.py": ("Lovelace, Ada(alovelace)", "softmax"),
    "submission_120394/softmax.py": ("submission_120394", "softmax"),
    "softmax-adalovelace/main.py": ("adalovelace", "softmax"),
    "submitted/ada/ps1/softmax.ipynb": ("ada", "softmax"),
    # learning platforms
    "Ada Lovelace_12345_assignsubmission_file_/softmax.py": ("Ada Lovelace", "softmax"),
    "Ada Lovelace_12345_assignsubmission_file/softmax (1).py": ("Ada Lovelace", "softmax"),
    "Ada Lovelace_12345_assignsubmission_file_softmax.py": ("Ada Lovelace", "softmax"),
    "Participant_12345_assignsubmission_file_/softmax.py": ("Participant 12345", "softmax"),
    "Mallory M_77_assignsubmission_file_Ada L_12_assignsubmission_file_softmax.py": ("Mallory M", "softmax"),
    "adalovelace_12345_67890_softmax-2.py": ("adalovelace", "softmax"),
    "adalovelace_LATE_12345_67890_softmax.py": ("adalovelace", "softmax"),
    "mallory_777_888_ada_111_222_softmax.py": ("mallory", "softmax"),
    "anon_12345_67890_softmax.py": ("anon 12345", "softmax"),
    "Homework 1_adalovelace_attempt_2024-05-01-12-30-45_softmax.py": ("adalovelace", "softmax"),
    "123456-789012 - Ada Lovelace - Jan 5, 2024 1030 AM/softmax.py": ("Ada Lovelace", "softmax"),
}


@pytest.mark.parametrize(("place", "told"), PLACES.items(), ids=PLACES.keys())
def test_a_place_tells_learner_and_exercise(place, told):
    assert recognise(Path(place), Path(place)) == Submission(*told, Path(place))


@pytest.mark.parametrize(
    ("place", "exercises"),
    [
        ("ada/notes.py", ()),
        ("ada/adagpt.py", ()),
        ("ada/main.py", ()),
        ("ada/softmax_dropout.py", ("softmax", "dropout")),
        ("ada/linear_regression.py", ("regression-forward", "regression-training")),
        ("regression_training/linear_regression.py", ("regression-training",)),
    ],
)
def test_what_tells_none_or_several_is_said(place, exercises):
    assert infer_exercise(Path(place)) == exercises
    if len(exercises) != 1:
        assert recognise(Path(place), Path(place)) is None


@pytest.mark.parametrize("place", ["softmax.py", "softmax_final_v2.py", "test_softmax.py", "softmax (1).py"])
def test_a_name_that_tells_nobody_is_nobodys(place):
    assert recognise(Path(place), Path(place)) is None


@pytest.mark.parametrize("name", list_names())
def test_every_exercise_is_told_by_its_name_and_title(name):
    written = [name, name.replace("-", "_"), name.replace("-", " ").title(), name.replace("-", ""), name.upper()]
    for told in [*written, "".join(word.title() for word in name.split("-")), read_title(name)]:
        assert read_name(told).exercises == (name,), told
        assert read_name(f"ada_{told}") == read_name(f"{told}_ada"), told
        assert read_name(f"ada_{told}").person == "ada", told


@pytest.mark.parametrize(
    "name", ["week 3", "01", "2024", "class b", "Übung 4", "submissions", "hw_2", "Group A", "Semester 1", "final"]
)
def test_folders_that_gather_are_nobodys(name):
    assert is_nobody(name)
    assert read_export(name) is None


@pytest.mark.parametrize("name", ["ada", "Tuesday", "li", "submission_120394", "s123456", "Ada B", "李雷"])
def test_folders_of_people_are_somebodys(name):
    assert not is_nobody(name)


def test_spellings_of_one_name_are_one_person():
    assert (
        len({make_key(name) for name in ("Jörg Müller", "jörg_müller", "Jo\u0308rg-Mu\u0308ller", "JÖRG MÜLLER")}) == 1
    )
    assert make_key("ada") != make_key("adb")


@pytest.mark.parametrize("text", ["", " ", "_", "İ", "\udcff", "a" * 300, "=" * 300, "(" * 300, "A1" * 150])
def test_any_name_can_be_read(text):
    read_name(text)
    read_export(text)
    is_nobody(text)
