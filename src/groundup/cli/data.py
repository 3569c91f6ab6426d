"""``groundup data``: data by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.completion import complete_data, complete_task
from groundup.cli.output import AsJson, emit

if TYPE_CHECKING:
    from groundup.data.named.catalogue import NamedData

data_app = typer.Typer(
    help="Data by name: list the names, download once, then train with --data NAME, offline.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DataName = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A name that `groundup data list` shows.", autocompletion=complete_data),
]
DataPlace = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A name, or an address such as https://….", autocompletion=complete_data),
]


@data_app.command("list")
def list_(
    task: Annotated[str | None, typer.Option(help="Only data for this task.", autocompletion=complete_task)] = None,
    as_json: AsJson = False,
) -> None:
    """List all data that have a name, and which of them are on this computer."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.data.named.addresses import list_addresses
    from groundup.data.named.catalogue import format_size, read_catalogue
    from groundup.data.named.resolve import is_ready
    from groundup.tasks.protocol import Report
    from groundup.tasks.registry import TASKS, list_tasks

    tasks = list_tasks()
    if task is not None:
        tasks = [about for about in tasks if task in (about.name, *about.aliases)]
        if not tasks:
            raise UserError(f'--task "{task}": the tasks are {", ".join(TASKS)}.')
    kinds = {about.data[0] for about in tasks if about.data}
    entries = [entry for entry in read_catalogue().values() if entry.kind in kinds]
    facts = [_describe(entry) for entry in entries]
    known = {alias: about.name for about in tasks for alias in (about.name, *about.aliases)}
    rows = []
    for entry in entries:
        what = entry.about.partition(" (")[0]  # `data show` prints the credits
        rows.append(
            [
                entry.name,
                known.get(entry.task, entry.task),
                format_size(entry.size),
                _format_state(entry, is_ready(entry)),
                escape(what),
            ]
        )
    built_in = [(name, about.name, what) for about in tasks for name, what in about.built_in.items()]
    rows += [[name, of, "", "built in", what] for name, of, what in built_in]
    rows.sort(key=lambda row: TASKS.index(row[1]) if row[1] in TASKS else len(TASKS))
    table = (["name", "task", "download", "here", "what it is"], rows)
    facts_built_in = [{"name": name, "task": of, "about": what} for name, of, what in built_in]
    copies = list(list_addresses()) if task is None else []
    addresses = [{"address": address, "bytes": size} for address, size in copies]
    emit(Report(facts={"data": facts, "built_in": facts_built_in, "addresses": addresses}, table=table), as_json)
    if not as_json:
        lines = [f"{escape(address)}: a copy of {format_size(size)} is here." for address, size in copies]
        lines += ["", "Get one with [bold]groundup data get NAME[/bold], then train with --data NAME."]
        emit(Report(lines=lines), False)


@data_app.command()
def show(name: DataName, as_json: AsJson = False) -> None:
    """Show the details of one name: addresses, checksums, size, licence, its path and how to use it."""
    from rich.markup import escape

    from groundup.data.named.catalogue import find_entry, format_size
    from groundup.data.named.resolve import data_folder, downloads_folder, is_ready
    from groundup.tasks.protocol import Report

    built_in = _find_built_in(name)
    if built_in is not None:
        lines = [f"[bold]{name}[/bold]: {built_in['about']}", "here       built in", f"use        {built_in['use']}"]
        emit(Report(built_in, lines), as_json)
        return
    entry = find_entry(name)
    ready = is_ready(entry)
    disk = f", {format_size(entry.disk)} unpacked" if entry.disk else ""
    lines = [
        f"[bold]{entry.name}[/bold]: {escape(entry.about)}",
        f"licence    {escape(entry.licence)}",
        f"described  {escape(entry.homepage)}",
        f"size       {format_size(entry.size)} to download{disk}",
        f"here       {escape(str(data_folder(entry))) if ready else _format_state(entry, ready) or 'no'}",
        f"use        {escape(entry.example)}",
    ]
    for file in entry.files:
        checksum = file.checksum or "no checksum known: not checked"
        lines.append(f"file       {file.name}, {format_size(file.size)}, {checksum}")
        lines += [f"           {escape(url)}" for url in file.urls]
    lines += [f"by hand    into {escape(str(downloads_folder(entry)))}, or with: groundup data get {name} --from FILE"]
    emit(Report(_describe(entry), lines), as_json)


@data_app.command()
def get(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="Names that `groundup data list` shows, or addresses.",
            autocompletion=complete_data,
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A file that you downloaded elsewhere, or a folder of them; needs no network."),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="How many seconds to wait for a silent server.")] = 30.0,
    as_json: AsJson = False,
) -> None:
    """Download data into the cache and check them by checksum. A download that was stopped continues where it was."""
    from rich.markup import escape

    from groundup.base.errors import Stopped, UserError
    from groundup.data.named.addresses import describe_address
    from groundup.data.named.catalogue import find_entry, format_size
    from groundup.data.named.fetching import get_data
    from groundup.data.named.resolve import is_address, is_ready
    from groundup.data.named.watching import DownloadWatch
    from groundup.tasks.protocol import Report

    here = {name: found for name in names if (found := _find_built_in(name)) is not None}
    entries = [describe_address(name) if is_address(name) else find_entry(name) for name in names if name not in here]
    if source is not None and len(entries) > 1:
        raise UserError("--from is for one name at a time.")
    watch, lines = DownloadWatch(), [f"{name} is built in. Use it: [bold]{here[name]['use']}[/bold]" for name in here]
    try:
        for entry in entries:
            if is_ready(entry):
                lines.append(f"{escape(entry.title)} is already on this computer.")
            elif source is None and not entry.address:
                watch.say(f"{entry.name}: {format_size(entry.size)} from {entry.host}, licence: {entry.licence}")
            get_data(entry, watch, source, timeout)
            lines.append(f"In {escape(str(_path(entry)))}. Use it: [bold]{escape(entry.example)}[/bold]")
    except KeyboardInterrupt as stop:
        raise Stopped(f"stopped; nothing is lost. Continue with: groundup data get {' '.join(names)}") from stop
    emit(Report({"data": [*here.values(), *(_describe(entry) for entry in entries)]}, lines), as_json)


@data_app.command()
def path(name: DataPlace, as_json: AsJson = False) -> None:
    """Print the path of data on this computer: NAME, or NAME/FILE for one file of it. Downloads an address."""
    from groundup.cli.output import print_json
    from groundup.data.named.resolve import PREFIX, is_address, locate

    _refuse_built_in(name)
    found = str(locate(name if is_address(name) else PREFIX + name))
    if as_json:
        print_json({"name": name, "path": found})
    else:
        print(found)


@data_app.command()
def remove(name: DataPlace, as_json: AsJson = False) -> None:
    """Remove data and its downloads from this computer."""
    from rich.markup import escape

    from groundup.data.named.addresses import name_address
    from groundup.data.named.catalogue import find_entry, format_size
    from groundup.data.named.fetching import remove_data
    from groundup.data.named.resolve import is_address
    from groundup.tasks.protocol import Report

    _refuse_built_in(name)
    entry = name_address(name) if is_address(name) else find_entry(name)
    freed = remove_data(entry)
    line = f"{escape(entry.title)}: {format_size(freed)} freed."
    emit(Report({"name": entry.title, "freed": freed}, [line]), as_json)


def _find_built_in(name: str) -> dict[str, Any] | None:
    """Return what is known of built-in data; ``None`` if no built-in data are called so, or named data are, too."""
    from groundup.data.named.catalogue import read_catalogue
    from groundup.tasks.registry import list_tasks

    of = next((about for about in list_tasks() if name in about.built_in), None)
    if of is None or name in read_catalogue():
        return None
    use = f"groundup train {of.name}{' --from RUN' if of.begins_from == 'must' else ''} --data {name}"
    return {"name": name, "task": of.name, "about": of.built_in[name], "here": True, "use": use}


def _refuse_built_in(name: str) -> None:
    from groundup.base.errors import UserError

    found = _find_built_in(name)
    if found is not None:
        raise UserError(f"{name} is built in: it has no file of its own. Use it: {found['use']}")


def _path(entry: NamedData) -> Path:
    from groundup.data.named.resolve import data_folder

    return data_folder(entry) / entry.use


def _describe(entry: NamedData) -> dict[str, Any]:
    from groundup.data.named.resolve import is_ready

    ready = is_ready(entry)
    files = [
        {"name": file.name, "size": file.size, "checksum": file.checksum, "urls": list(file.urls)}
        for file in entry.files
    ]
    return {
        "name": entry.title,
        "about": entry.about,
        "task": entry.task,
        "kind": entry.kind,
        "licence": entry.licence,
        "homepage": entry.homepage,
        "download_bytes": entry.size,
        "disk_bytes": entry.disk or entry.size,
        "checked": entry.checked,
        "here": ready,
        "path": str(_path(entry)) if ready else None,
        "use": entry.example,
        "files": files,
    }


def _format_state(entry: NamedData, ready: bool) -> str:
    from groundup.data.named.resolve import count_part

    if ready:
        return "yes"
    part = count_part(entry)
    if not part:
        return ""
    return f"{part / entry.size:.0%}" if entry.size else "in part"
