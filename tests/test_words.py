"""Code, docs and messages use the field's words: none of the project's earlier private ones is left."""

import re
from pathlib import Path

import pytest

import groundup

PACKAGE = Path(groundup.__file__).parent
ROOT = PACKAGE.parents[1]
if not (ROOT / "docs").is_dir():
    pytest.skip("installed without its repository", allow_module_level=True)
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
KINDS = {".py", ".md", ".html", ".js", ".css", ".toml"}
# The lessons are left out: they have tests of their own.
SOURCES = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.suffix in KINDS and path.parent.name != "vendor" and PACKAGE / "lessons" not in path.parents
)

# What a name or a word was called, and what it is called now.
OLD = {
    r"\b_?tell_\w+": "format_…, infer_…, find_…",
    r"\bTeam\b": "ProcessGroup",
    r"\b(join|current)_team\b": "join_process_group, current_process_group",
    r"\b(TeammateGone|LeaderGaveUp)\b": "ProcessGone, MainProcessFailed",
    r"\badd_up\b|\bin_turn\b|\bsays_first\b": "all_reduce_sum, main_first, is_first_to_say",
    r"\bhold_then_fall\b": "warmup_stable_decay",
    r"\bFollowedRun\b": "ReadOnlyRun",
    r"\b(StandIn|stand_in)\b": "compile_forward",
    r"\bsteps[./](walk|recurrence|triangle|company|log_ratios|head_start|looking|talking|tokenizer_edges)\b": "…",
    r"\bstart_ahead\b": "start_from_bigrams",
    r"\bspread_matrices\b": "init_matrices",
    r"\bshare_heads\b": "repeat_kv_heads",
    r"\b[Nn]ursery\b": "ForkServer",
    r"\b(StandingJudge|judge[./]standing)\b": "WarmJudge",
    r"\b(Effort|Closeness|Observed|Trace)\b": "CheckOptions, Tolerance, Observation, CaseResult",
    r"\.(look|expect)\(|\bCheck\.(look|expect)\b": "observe, reference_values",
    r"\bdef large\b|\blarge=large\b": "benchmark_case",
    r"\bjudge[./](process|child|fence|wall|sandbox|wire|naming|editing|roles)\b": "isolation, explain",
    r"\bisolation[./](child|fence|wall|sandbox|wire)\b": "forking, audit_hook, landlock, bubblewrap, messages",
    r"\bexercises[./]telling\b|\btables[./]telling\b": "judge/explain/printing, tables/formatting",
    r"\bdata[./](collecting|finishing|designs|pieces|sharing|seams|failures|names)\b": "table_statistics, …",
    r"\bseams?\b": "safe split",
    r"\bsettle_name\b|\bWanted\b": "resolve, TokenizerRequest",
    r"\btasks[./](outcome|parts|part_layers|gpt_\w+|heights_\w+|digits_\w+|sentiment_\w+)\b": "reports, parts/swap, …",
    r"\b\w+(_drawing|_pictures)\.py\b": "plots.py",
    r"\b([Aa]ttendance|presence)\b": "page_tracking, open_pages",
    r"groundup[./]lab[./](guard|jobs|playing|watching|parsing|memory|pieces)\b": "auth, …",
    r"\banswer_items\b": "pytest_items",
    r"\bcli[./]training\b": "start_training",
    r"\b[Ll]uggage\b": "what an answer needs of other cells",
    r"\bhangs? (on|together)\b": "depends on",
    r"\bfor ever\b": "without end",
    r"\b[Mm]oods?\b": "sentiment",
    r"\b[Ss]trangers?\b": "other people",
    r"\b(anew|afresh)\b": "again",
    r"\brightly\b": "correctly",
    r"\b[Ww]hoever\b": "the caller",
    r"\bshall\b": "must, will",
    r"\ban? \w+ an? (node|row|core|token|step|weight|feature|picture|line|process|head|class|layer|block)\b": "per",
}


@pytest.mark.parametrize("old", OLD)
def test_no_old_word_is_left(old):
    pattern = re.compile(old)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in [*SOURCES, *PAGES]
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == [], f"say {OLD[old]} instead"


def test_no_text_can_say_1_steps():
    named = re.compile(r"(?<!else f\")\{[\w.]*steps(:,)?\} steps\b")
    assert [path for path in PACKAGE.rglob("*.py") if named.search(path.read_text("utf-8"))] == []
