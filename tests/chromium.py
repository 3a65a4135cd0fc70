"""A page in Chromium, driven by a script."""

import html
import json
import re
import shutil
import subprocess

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no chromium, chromium-browser or google-chrome here")
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --disable-dev-shm-usage --dump-dom").split()

REPORT = """<script>(async () => {
  const report = {}, one = selector => document.querySelector(selector);
  HELP
  try { SCRIPT } catch (error) { report.error = error.stack }
  document.body.textContent = JSON.stringify(report);
})()</script>"""


def in_chromium(page, folder, script, query="", *flags, help=""):
    """What `script`, run in a copy of the page, puts into `report`; `help` is declared before it."""
    copy = folder / "copy.html"
    report = REPORT.replace("HELP", help).replace("SCRIPT", script)
    copy.write_text(page.read_text(encoding="utf-8") + report, encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, copy.as_uri() + query]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    body = re.search(r"<body[^>]*>(\{.*\})\s*</body>", run.stdout, re.DOTALL)
    assert body, f"no report; Chromium ended with {run.returncode}\n{run.stdout[-500:]}\n{run.stderr[-2000:]}"
    report = json.loads(html.unescape(body[1]))
    assert "error" not in report, report["error"]
    return report
