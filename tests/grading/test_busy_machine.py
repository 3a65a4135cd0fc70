"""A busy machine takes no time from a solution: what counts is its work, not how long others kept it from working."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tests.checker import grading, process

LOOP = "while True: pass"
linux = pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="this system has no times of waiting")


@linux
def test_the_time_that_a_process_waits_for_a_processor_is_known():
    """Two endless loops on one processor: each waits about as long as it runs. One that sleeps waits for nothing."""
    one = min(os.sched_getaffinity(0))
    commands = [[sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{one}])\n{LOOP}"]] * 2
    commands += [[sys.executable, "-c", "import time\ntime.sleep(3600)"]]
    started = [subprocess.Popen(command) for command in commands]
    try:
        servers = [server_of(child.pid) for child in started]
        while min(server.seconds_of_work() for server in servers[:2]) < 0.5:
            time.sleep(0.1)
        assert all(server.seconds_waited() > 0.2 for server in servers[:2])
        begun = servers[2].seconds_waited()
        time.sleep(0.5)
        assert servers[2].seconds_waited() - begun < 0.2
    finally:
        for child in started:
            child.kill()
            child.wait()
    waited = servers[0].waited
    assert servers[0].seconds_waited() == waited  # of a process that has ended, what was known


def server_of(pid):
    server = process.Server.__new__(process.Server)
    server.pid = server.host_pid = pid
    server.waited = 0.0
    return server


def test_the_clock_of_a_grading_leaves_it_out(monkeypatch):
    """Ten seconds, nine of them without a processor, are one second of the time limit."""
    session = grading.Session.__new__(grading.Session)
    session.server = SimpleNamespace(seconds_waited=lambda: waited[0])
    now, waited = [100.0], [2.0]
    monkeypatch.setattr(grading, "time", SimpleNamespace(monotonic=lambda: now[0]))
    began = session.clock()
    now[0], waited[0] = 110.0, 11.0
    assert session.clock() - began == pytest.approx(1)
