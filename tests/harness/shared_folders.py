"""Folders that one worker makes for all of them: a model need not be trained once in each."""

import os
import shutil

from filelock import FileLock


def make_once(tmp_path_factory, name, make):
    """Return a folder that is only to be read; ``make`` fills it where no worker of these tests has done so."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    made, begun = root / f"made-once-{name}", root / f"made-once-{name}.begun"
    with FileLock(f"{made}.lock"):
        if not made.is_dir():
            shutil.rmtree(begun, ignore_errors=True)
            make(begun)
            begun.rename(made)
    return made
