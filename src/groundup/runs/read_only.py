"""A run as the processes other than the main one see it: read-only."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import Tensor

from groundup.runs.folder import Run
from groundup.runs.sharded_tensors import whole


class ReadOnlyRun(Run):
    """A run that the main process writes.

    Its files are links to the main process's files, in a folder of this process; replaced files stay in this folder.

    Parameters
    ----------
    leader : Run
        The run on the disk.
    """

    def __init__(self, leader: Run) -> None:
        self._own = tempfile.TemporaryDirectory(prefix="groundup-")
        self.leader = leader
        super().__init__(Path(self._own.name), dict(leader.config))

    def path(self, filename: str) -> Path:
        """Return the path of a file, linked to the main process's file if that exists."""
        path, theirs = self.folder / filename, self.leader.path(filename)
        if not path.exists() and theirs.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.symlink_to(theirs.resolve())
            except OSError:  # Windows lets only some users make links
                shutil.copyfile(theirs, path)
        return path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock nothing: the main process holds the lock."""
        yield

    def save_tensors(self, filename: str, tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:  # noqa: ARG002 - the run's signature
        """Save nothing: the main process saves. It gets this process's part of sharded tensors."""
        for tensor in tensors.values():
            whole(tensor.detach())

    def flush_logs(self) -> None:
        """Flush nothing: the main process does."""

    def keep_metrics_until(self, step: int, last: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Forget nothing: the main process does. Return the figures up to the step."""
        kept = {line["step"]: line for line in self.leader.read_figures().found if line["step"] <= step}
        if last is not None:
            kept[int(last["step"])] = dict(last)
        return [kept[place] for place in sorted(kept)]

    def _append(self, filename: str, line: Mapping[str, Any]) -> None:
        pass
