"""``groundup tour``: the whole course in a few minutes."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import MOST_SEED, AsJson, RunsFolder, print_json
from groundup.cli.start_training import read_time


def tour(
    minutes: Annotated[
        str,
        typer.Option(metavar="MINUTES", help="The time of the whole tour on 2 cores; the GPT takes most of it."),
    ] = "2.5",
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser at the end.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="The seed of all random numbers.")] = 0,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Go from x² to a talking GPT: a walk downhill and five models. If you stop it, the next tour continues there."""
    from rich.markup import escape
    from rich.padding import Padding
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.base.errors import Stopped
    from groundup.base.reporting import Reporter
    from groundup.base.writing import explain_write_error
    from groundup.tour.report import format_seconds, write_report
    from groundup.tour.stops import STOPS, list_commands, plan_minutes, visit_descent, visit_job
    from groundup.training.interrupts import Interrupted

    started = time.monotonic()
    for_gpt, for_sums = plan_minutes(read_time(minutes))
    root, folder = Path(runs), Path(runs) / ".tour"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_write_error(folder, error) from error
    console = PlainConsole(stderr=True)
    reporter, visits = Reporter(), []
    try:
        for number, stop in enumerate(STOPS, 1):
            console.print(Text.assemble((f"\n{number}/{len(STOPS)}  {stop.title}", "bold"), f"\n{stop.idea}"))
            if not stop.task:
                visit = visit_descent(stop, folder)
            else:
                time_given = for_gpt if stop.writes else for_sums if stop.answers else None
                visit = visit_job(stop, root, folder, reporter, seed, time_given)
            console.print(Text(f"→ {visit.sentence}", style="green"))
            visits.append(visit)
        written = next(visit.text for visit in visits if visit.stop.writes)
    except (Interrupted, KeyboardInterrupt) as stopped:
        raise Stopped("stopped; nothing is lost. Continue with: groundup tour") from stopped
    report = root / "tour.html"
    taken = time.monotonic() - started
    write_report(visits, root, taken, report)
    if as_json:
        stops = [{"stop": visit.stop.name, "learned": visit.sentence, "facts": visit.facts} for visit in visits]
        print_json({"seconds": round(taken, 1), "report": str(report), "text": written, "stops": stops})
    else:
        out = PlainConsole()
        for title, visit in (("says", next(v for v in visits if v.stop.writes)), ("adds", visits[-1])):
            out.print(f"\n[bold]What the GPT {title}[/bold]")
            out.print(Padding(Text(visit.text), (0, 0, 0, 2)))
        told = f"\n{format_seconds(taken).capitalize()}. The report, with pictures: [bold]{escape(str(report))}[/bold]"
        out.print(told, soft_wrap=True)
        out.print("\nUse the models:")
        for command in list_commands():
            out.print_line(f"  {command}")
        out.print("[dim]Next: groundup lab (move things and see), groundup learn (write every part yourself).[/dim]")
        if sys.stdin.isatty() and sys.stdout.isatty():
            answer_typed_sums(root)
    if open_:
        import webbrowser

        webbrowser.open(report.resolve().as_uri())


def answer_typed_sums(root: Path) -> None:
    """Let the last GPT of the tour answer sums that a person types, until an empty line or Ctrl-D."""
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.base.errors import UserError
    from groundup.base.reporting import Reporter
    from groundup.tasks.opening import open_run
    from groundup.tasks.protocol import predict_words
    from groundup.tasks.registry import find_task
    from groundup.tour.stops import STOPS, name_run

    stop = next(stop for stop in STOPS if stop.answers)
    run, out = open_run(root, name_run(stop)), PlainConsole()
    out.print("\nNow you: type a sum, such as 123+456, and the GPT answers. An empty line ends.")
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            out.print()
            return
        if not line:
            return
        try:
            answered = predict_words(find_task(stop.task), run, [line], Reporter.silent())
        except UserError as error:
            out.print(Text(str(error)))
            continue
        for shown in answered.lines:
            out.print(shown)
