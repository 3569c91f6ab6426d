"""Make the README's pictures: the lab as it is, in a Chromium, over the runs of a tour.

Run ``python scripts/pictures.py``: it takes a tour, for its runs, and writes ``docs/pictures/``. Given the folder of
runs of a tour, it takes none.
"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def main() -> None:
    """Take the pictures over the runs of a tour."""
    if len(sys.argv) > 1:
        take_all(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as runs:
        subprocess.run([sys.executable, "-m", "groundup", "tour", "--runs", runs], check=True)
        take_all(Path(runs))


def take_all(runs: Path) -> None:
    """Open the lab, and take a picture of each page worth showing."""
    with tempfile.TemporaryDirectory() as answers:
        command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", str(runs), "--answers", answers]
        lab = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            address = re.search(r"http\S+", lab.stdout.readline()).group()  # type: ignore[union-attr]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=shutil.which("chromium") or shutil.which("chromium-headless-shell"),
                    args=["--no-sandbox"],
                )
                page = browser.new_page(viewport={"width": 1100, "height": 760})
                page.goto(address)
                page.wait_for_selector("#list tbody tr")
                take(page, "lab")
                base = address.partition("/?")[0]
                page.goto(f"{base}/lessons/network/")
                page.wait_for_selector("html[data-ready]")
                page.get_by_role("button", name="Two layers for spirals").click()
                page.wait_for_timeout(9000)
                take(page, "network")
                page.goto(f"{base}/runs/tour-gpt")
                page.wait_for_selector("#charts figure")
                page.click("#go")
                page.get_by_role("button", name="Write").wait_for()  # until then it is called Stop
                take(page, "gpt")
                browser.close()
        finally:
            lab.send_signal(signal.SIGINT)
            lab.wait(30)


def take(page: Page, name: str) -> None:
    """Save what the page shows, in few colours: a file that a repository can hold."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as taken:
        taken.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(path, optimize=True)


if __name__ == "__main__":
    main()
