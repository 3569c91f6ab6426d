"""Run every check: lint, format, types, layering and the tests. ``--quick`` leaves the tests out."""

import os
import shutil
import subprocess
import sys
import time

QUICK = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "layering": [],
    "types": ["mypy"],
}


def run(name: str, command: list[str]) -> bool:
    """Run one check as a module of this Python; return whether it passed."""
    print(f"── {name}", flush=True)
    started = time.monotonic()
    if name == "layering":
        call = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    else:
        call = [sys.executable, "-m", *command]
    passed = subprocess.run(call, env=environment()).returncode == 0
    print(f"── {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return passed


def install_browser() -> None:
    """Install the Chromium that the lab's tests drive, where there is none; where that fails, they are skipped."""
    if any(map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))):
        return
    print("── browser: none here, installing Chromium for the lab's tests", flush=True)
    calls = [[sys.executable, "-m", "playwright", "install", "chromium"]]  # does nothing where it was done before
    if shutil.which("apt-get") and os.geteuid() == 0:
        # The one without a window takes half the processor time; an older Debian has none. The other brings the fonts.
        both = "apt-get -qq install -y chromium chromium-headless-shell || apt-get -qq install -y chromium"
        calls = [["apt-get", "-qq", "update"], ["sh", "-c", both]]
    try:
        for call in calls:
            subprocess.run(call, check=True, timeout=300, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        print("── browser: installed", flush=True)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"── browser: could not be installed ({error}); the lab's tests in a browser are skipped", flush=True)


def environment() -> dict[str, str]:
    """One thread a process: the test workers are as many as the cores, and would only wait for each other."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def main(arguments: list[str]) -> int:
    """Run the checks named by the arguments; return 0 where all passed."""
    quick = "--quick" in arguments
    results = [run(name, command) for name, command in QUICK.items()]
    if not quick:
        install_browser()
        # All of them, slow ones too. The tests come last, so that their count is the last line. They often wait (for a
        # browser, a process, a clock), so one worker more than cores keeps the cores busy.
        tests = [
            "pytest",
            "-n",
            str((os.cpu_count() or 1) + 1),
            "--dist",
            "worksteal",
            "-q",
            "--durations=12",
            "-m",
            "",
        ]
        results.append(run("tests", tests + [word for word in arguments if word != "--quick"]))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
