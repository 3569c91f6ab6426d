"""Pictures with letters of every script: a font that has them, or one sentence, and never a warning of Python's."""

import warnings

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from groundup.base.reporting import Reporter
from groundup.tasks import lettering
from groundup.tasks.drawing import plain, save_picture
from groundup.tasks.launch import launch

CJK = "面积,价格 $\\frac{$,[red]\n" + "".join(f"{a}.5,{2 * a + a % 3},{a % 5}\n" for a in range(60))


def test_letters_that_no_font_has_are_told_in_a_sentence(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(lettering, "_list_fonts", list)
    path = tmp_path / "table.csv"
    path.write_text(CJK, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs = ["target=价格 $\\frac{$"]
        run, _ = launch("heights", root=tmp_path / "runs", data=str(path), pairs=pairs, reporter=Reporter.silent())
    said = capsys.readouterr().err
    assert "no font on this computer has 价 格" in said
    assert "Warning" not in said
    assert said.count("\n") == 1
    assert run.path("curves.png").stat().st_size > 10_000


def test_a_font_that_has_the_letters_is_used(tmp_path, capsys, monkeypatch):
    entry = next(one for one in font_manager.fontManager.ttflist if one.name == "STIXGeneral" and one.style == "normal")
    letter = next(
        chr(code) for code in font_manager.get_font(entry.fname).get_charmap() if not _in_dejavu(code) and code > 255
    )
    figure = Figure()
    axes = figure.subplots()
    axes.set(xlabel=letter, xticks=[0, 1], xticklabels=["plain", f"{letter}!"], title=plain("a $ b $"))
    save_picture(figure, tmp_path / "figure.png")
    assert capsys.readouterr().err == ""
    families = {text.get_text(): text.get_fontfamily() for text in figure.findobj(Text) if text.get_text()}
    assert len(families[letter]) > 1
    assert len(families[f"{letter}!"]) > 1
    assert families["plain"] == families[r"a \$ b \$"] == figure.axes[0].yaxis.label.get_fontfamily()


def _in_dejavu(code):
    return code in font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()
