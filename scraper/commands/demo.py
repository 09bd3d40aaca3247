"""`scrapy demo`: serve the bundled site on loopback, crawl it, tell what came out."""

from __future__ import annotations

import argparse
import subprocess
import sys

from scrapy.commands import ScrapyCommand

from examples.serve import serve

# The site is this machine's own, so that nobody is spared by waiting. robots.txt is obeyed as ever.
UNHURRIED = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False"}
# Each demo shows all of it: nothing is remembered from the last.
ANEW = {"STATE": "False"}


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Crawl the bundled site, served on loopback"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002
        # Served by a thread of this process: it cannot outlive the demo, however that ends.
        with serve() as site:
            settings = [
                *opts.set,
                *(f"{name}={value}" for name, value in (UNHURRIED | ANEW).items()),
            ]
            command = [sys.executable, "-m", "scrapy", "crawl", "articles", "-a", f"url={site.url}"]
            command += [word for setting in settings for word in ("-s", setting)]
            print(f"$ scrapy {' '.join(command[3:])}\n", flush=True)
            self.exitcode = subprocess.run(command, check=False).returncode
