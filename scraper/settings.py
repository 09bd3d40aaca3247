"""Settings of the project; every one can be overridden with `-s NAME=VALUE`.

Polite by default: one request at a time and a second apart on each host, robots.txt obeyed.
"""

from __future__ import annotations

from pathlib import Path

BOT_NAME = "marrow"
SPIDER_MODULES = ["scraper.spiders"]
NEWSPIDER_MODULE = "scraper.spiders"
COMMANDS_MODULE = "scraper.commands"

# Where the descriptions of sites are, and the address (a page or a mailbox) that tells the people
# behind a crawled site whom to write to: it becomes part of the user agent.
SITES_DIR = str(Path(__file__).parent / "sites")
CONTACT = ""
USER_AGENT = "marrow/0.1"
ROBOTSTXT_USER_AGENT = "marrow"

# Politeness. The jitter is off because half of a second less is not a second apart.
ROBOTSTXT_OBEY = True
ROBOTSTXT_PARSER = "scraper.robots.RobotParser"
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
COOKIES_ENABLED = False

# What pages tell robots and text miners in meta tags and headers is recorded always, and obeyed as
# far as it is listed here: "noarchive" (such a page is not archived), "noindex", "noai" and "tdm"
# (such a page becomes no record; with "tdm" each host is asked for /.well-known/tdmrep.json).
OBEY_DIRECTIVES = ["noarchive", "tdm"]

# A page, a redirect or an answer of DNS may not lead the crawl into the user's own network: hosts
# are refused that are, or lead to, private addresses. Those that the user names are trusted.
ALLOW_PRIVATE_ADDRESSES = False
TWISTED_DNS_RESOLVER = "scraper.private_addresses.PublicResolver"
DOWNLOAD_HANDLERS = {
    "http": "scraper.private_addresses.PublicHandler",
    "https": "scraper.private_addresses.PublicHandler",
}

# What fails is tried again up to RETRY_TIMES times: at once what the spider asks for by the way
# (robots.txt), after BACK_OFF_BASE seconds, doubled each time up to BACK_OFF_MAX, what the state
# holds (and a random part of that time, so that hosts behind one server are not asked in step).
# What still fails stands in the rejects, so it is no alarm.
DOWNLOAD_TIMEOUT = 30
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "INFO"
BACK_OFF_BASE = 1.0
BACK_OFF_MAX = 60.0
# A host that asks for a longer time with Retry-After (seconds) is left for the next run.
RETRY_AFTER_MAX = 900.0
# After so many failures in a row a host is paused, for HOST_PAUSE seconds and then one request; if
# that fails, too, for twice the time, and after HOST_OPENINGS_MAX pauses it is left for the next
# run. Five are more than the tries that one bad page has; three pauses make some six minutes, in
# which a server has restarted or will not.
HOST_FAILURES_MAX = 5
HOST_PAUSE = 60.0
HOST_OPENINGS_MAX = 3
# When a page is looked at again, in seconds: for the second time after REVISIT_FIRST, from then on
# sooner where it changes and later where it does not, within the bounds (a site's description may
# have its own). A day less four hours, so that a nightly run which comes to a page a little
# earlier than the night before does not leave it for the next night; the lower bound is as short
# for the same reason.
REVISIT_FIRST = 20 * 3600.0
REVISIT_MIN = 20 * 3600.0
REVISIT_MAX = 60 * 86_400.0
# Sitemaps and feeds are read again after this (seconds): in every run that is not hard on the last.
REVISIT_LISTINGS = 3600.0
# A page that answered 404 or 410 this many looks in a row is gone; one may be a mistake.
GONE_AFTER = 2
# Scrapy takes any certificate. Readers trust a corpus of medical text, and without this anyone on
# the way could put words into it; hosts whose certificate is out of order stand in the rejects.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Article pages above 10 MB are not articles; the sitemap protocol allows 50 MB.
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
SITEMAP_MAXSIZE = 52_428_800

# Sites with the switch `javascript` are read in Chromium: the path of its executable (empty: the
# first on the PATH), pages that are open in it at the same time, and seconds for one page. A page
# takes some 150 MB; one that is not done after half a minute is not waited for by readers either.
BROWSER_PATH = ""
BROWSER_PAGES = 2
BROWSER_TIMEOUT = 30

# The frontier has seen every address before a Request is built, so Scrapy need not look again.
# Pages are taken in the order they were found, near ones first.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
SCHEDULER = "scraper.scheduler.StateScheduler"
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"
# More items in flight cost memory and give nothing: cleaning uses one core.
CONCURRENT_ITEMS = 4

DOWNLOADER_MIDDLEWARES = {
    # robots.txt, kept from run to run; behind it, what needs to know it.
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scraper.robots.CachedRobots": 100,
    "scraper.politeness.SiteDelay": 110,
    "scraper.tdm_files.TdmFiles": 115,
    "scraper.middlewares.SiteLimit": 120,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scraper.back_off.BackOff": 550,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scraper.middlewares.Decompression": 590,
    "scraper.middlewares.SiteRedirect": 600,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    # A meta refresh is read from the tree that the spider parses anyway.
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    # The frontier knows the site's scope, and it can widen.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    # Next to the network, where a response is as it came.
    "scraper.keeping.Received": 950,
    # Among several processes, one at a time.
    "scraper.shared.politeness.SharedPoliteness": 960,
}
ITEM_PIPELINES = {
    "pipelines.item_pipelines.CleanPipeline": 100,
    "pipelines.item_pipelines.StampPipeline": 200,
    "pipelines.item_pipelines.ValidatePipeline": 300,
}

# What a run leaves behind: OUTPUT_DIR/runs/RUN_ID/ with the articles in each of these formats.
# `-o FILE` adds a file of articles to that; RUN_FOLDER = False leaves `-o` alone.
ADDONS = {
    "scraper.replay.Replay": 50,
    "scraper.browser.addon.BrowserPages": 60,
    "scraper.runs.RunFolder": 100,
}
OUTPUT_DIR = "output"
FORMATS = ["parquet", "jsonl"]
RUN_FOLDER = True
# OUTPUT_DIR/state.db: what is known of every address, so that only new and changed pages are
# exported and nothing is lost when a run is killed. False: as if there had been no run before.
STATE = True
# A Redis server that holds what STATE holds, for any number of runs at a time on any number of
# machines, each with an OUTPUT_DIR of its own: docs/scale.md. FRONTIER_NAME tells crawls on one
# server apart. A run that the server has not heard of for FRONTIER_LEASE seconds counts as killed:
# longer than one page or one large sitemap may keep a process busy.
FRONTIER = ""
FRONTIER_NAME = "marrow"
FRONTIER_LEASE = 60.0
# What was found becomes safe so often (seconds); a killed run does this much again.
CHECKPOINT_SECONDS = 1.0
# OUTPUT_DIR/archive/: every response as it came, as WARC. REPLAY (a folder of WARC files, or one)
# takes them from there instead of from the network.
ARCHIVE = True
REPLAY = ""
# Processes that clean pages beside the one that fetches them; None: one a processor. 0: none.
CLEANING_PROCESSES = None
# The audit trail (every dropped block and why) in the records: larger than the articles themselves.
EXPORT_REMOVED = False
# The run as a page, report.html, and OUTPUT_DIR/index.html, the list of runs: half a second at the
# end of a crawl. Of each reason the report shows so many refused pages, and explains them.
REPORT = True
REPORT_EXAMPLES = 3
FEED_EXPORTERS = {
    "parquet": "pipelines.exporters.ParquetExporter",
    "jsonl": "pipelines.exporters.JsonLinesExporter",
    "jsonlines": "pipelines.exporters.JsonLinesExporter",
    "jl": "pipelines.exporters.JsonLinesExporter",
    "gz": "pipelines.exporters.GzipJsonLinesExporter",
}
# A feed has its name only when it is complete.
FEED_STORAGES = {
    "": "pipelines.exporters.PublishedFileStorage",
    "file": "pipelines.exporters.PublishedFileStorage",
}
FEED_EXPORT_ENCODING = "utf-8"

# A normal run prints warnings and the summary; `-L INFO` tells more.
LOG_LEVEL = "WARNING"
# How far a crawl is, as the last line of a terminal; not with `--cron`.
PROGRESS = True
# An alarm when less than this many bytes are left on the disk of OUTPUT_DIR; 0: never.
EXTENSIONS = {"scraper.disk_space.DiskSpace": 500, "scraper.progress.Progress": 510}
DISK_FREE_MIN = 1_000_000_000
# What has changed about a site, by its own past (docs/site-health.md), is told on stderr and in
# run.json. True: such a run ends with the status 4.
ALARM_STATUS = False
# Whom it is sent to: addresses of Apprise (mailto://…, json://…), or files with one a line; and how
# long that may take, in seconds, before it is given up.
ALARM_NOTIFY: list[str] = []
ALARM_NOTIFY_SECONDS = 30
# With --cron the log is OUTPUT_DIR/logs/crawl.log: this many files (at least two; crawl.log.1 is
# the one before) of this many bytes. A nightly run writes some 10 kB, so that they hold years.
CRON_LOG_BYTES = 10_000_000
CRON_LOG_FILES = 7
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
