"""``groundup train --processes N``: ``torchrun`` on one machine, without torchrun's own messages."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from groundup.base.errors import UserError
from groundup.base.processors import count_cores


def start_processes(count: int, arguments: Sequence[str]) -> int:
    """Run the command line in several processes; return the exit code of the first that failed, else 0.

    Parameters
    ----------
    count : int
        How many.
    arguments : sequence of str
        The command line, without the program.

    Raises
    ------
    UserError
        This PyTorch was built without torch.distributed.
    """
    from torch import distributed

    if not distributed.is_available():
        raise UserError("This PyTorch was built without torch.distributed: leave --processes out.")
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # Its own words on a failure are a page long; the processes have said what is wrong.
    logging.disable(logging.CRITICAL)
    if sys.platform == "win32":
        os.environ.setdefault("USE_LIBUV", "0")  # PyTorch is built without it there, and asks for it all the same
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, count_cores() // count)))
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        run_id="groundup",
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0",
        local_addr="127.0.0.1",
        max_restarts=0,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "groundup", *arguments)
    except ChildFailedError as failed:
        return next((abs(one.exitcode) for one in failed.failures.values() if one.exitcode > 0), 1)
    except (SignalException, KeyboardInterrupt):
        return 130
    return 0
