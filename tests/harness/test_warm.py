"""What is forked from the warm process is to who started it as a child of its own."""

import os
import signal
import sys
import time

import pytest
import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")


def fork(program):
    return warm.start([sys.executable, "-c", program], start_new_session=True)


def test_a_process_leads_its_group_as_soon_as_it_is_known():
    for _ in range(20):
        process = fork("")
        assert os.getpgid(process.pid) == process.pid
        assert process.wait() == 0


def test_a_process_that_ended_stays_until_it_was_heard():
    """A signal to its group must not fail: torchrun sends one to whatever it has not heard of, and fails with it."""
    process = fork("raise SystemExit(3)")
    while process.pid in warm.list_running("-c"):
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait() == 3
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def test_how_a_process_was_killed_is_told():
    process = fork("input()")
    assert process.poll() is None
    process.kill()
    assert process.wait() == -signal.SIGKILL
