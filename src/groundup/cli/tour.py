"""``groundup tour``: the whole course in a few minutes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import MOST_SEED, AsJson, RunsFolder, print_json


def tour(
    minutes: Annotated[
        float, typer.Option(help="The time of the whole tour on 2 cores; the GPT takes most of it.")
    ] = 2.5,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser at the end.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="The seed of all random numbers.")] = 0,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Go from x² to a talking GPT: a walk downhill and four models. If you stop it, the next tour continues there."""
    from rich.markup import escape
    from rich.padding import Padding
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.base.errors import Stopped
    from groundup.base.reporting import Reporter
    from groundup.base.writing import explain_write_error
    from groundup.tour.report import format_seconds, write_report
    from groundup.tour.stops import STOPS, plan_minutes, visit_descent, visit_job
    from groundup.training.interrupts import Interrupted

    started = time.monotonic()
    for_gpt = plan_minutes(minutes)
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
                time_given = for_gpt if stop.writes else None
                visit = visit_job(stop, root, folder, reporter, seed, time_given)
            console.print(Text(f"→ {visit.sentence}", style="green"))
            visits.append(visit)
    except (Interrupted, KeyboardInterrupt) as stopped:
        raise Stopped("stopped; nothing is lost. Continue with: groundup tour") from stopped
    report = root / "tour.html"
    taken = time.monotonic() - started
    write_report(visits, root, taken, report)
    if as_json:
        stops = [{"stop": visit.stop.name, "learned": visit.sentence, "facts": visit.facts} for visit in visits]
        print_json({"seconds": round(taken, 1), "report": str(report), "text": visits[-1].text, "stops": stops})
    else:
        out = PlainConsole()
        out.print("\n[bold]What the GPT says[/bold]")
        out.print(Padding(Text(visits[-1].text), (0, 0, 0, 2)))
        told = f"\n{format_seconds(taken).capitalize()}. The report, with pictures: [bold]{escape(str(report))}[/bold]"
        out.print(told, soft_wrap=True)
        out.print("[dim]Next: groundup lab (move things and see), groundup learn (write every part yourself).[/dim]")
    if open_:
        import webbrowser

        webbrowser.open(report.resolve().as_uri())
