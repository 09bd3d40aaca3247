-- Times are seconds since the epoch, UTC. A key is a digest of the address (scraper.state.keys).

CREATE TABLE pages (
    key INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    host TEXT NOT NULL,              -- as scraper.addresses.host_of gives it
    kind TEXT NOT NULL,              -- page, sitemap, feed
    depth INTEGER NOT NULL,          -- links from the start
    guessed INTEGER NOT NULL,        -- 1: nobody named this address, so that it may well be missing
    -- The frontier: a row with a rank is wanted now, the higher the sooner; one without when it is due.
    rank INTEGER,
    due REAL NOT NULL,
    lease TEXT,                      -- the run that has it in flight
    lost INTEGER NOT NULL DEFAULT 0, -- times it was in flight when a run was killed
    -- What the last visits gave.
    first_seen REAL NOT NULL,
    last_fetched REAL,
    last_changed REAL,
    status INTEGER,                  -- HTTP status; null where there was no answer
    etag TEXT,
    last_modified TEXT,
    body_sha256 BLOB,                -- of the body, unpacked
    page_type TEXT,
    read_as TEXT,                    -- by which patterns its links were followed
    lastmod TEXT,                    -- as sitemap or feed last gave it
    moved_to INTEGER,                -- key of the address that it redirects to
    article INTEGER,                 -- key in articles, where it was exported
    failures INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    gone_at REAL,
    interval REAL,                   -- between visits
    -- The archived response that a revisit record refers to.
    warc_file TEXT,
    warc_digest TEXT,
    warc_url TEXT,
    warc_date TEXT
) STRICT;

CREATE INDEX pages_wanted ON pages (host, lost, rank DESC, first_seen)
    WHERE rank IS NOT NULL AND lease IS NULL;
CREATE INDEX pages_due ON pages (host, due) WHERE rank IS NULL AND lease IS NULL;
CREATE INDEX pages_leased ON pages (lease) WHERE lease IS NOT NULL;
CREATE INDEX pages_digest ON pages (warc_digest) WHERE warc_digest IS NOT NULL;

CREATE TABLE articles (
    key INTEGER PRIMARY KEY,         -- of the canonical address, where that is believed
    id TEXT NOT NULL,
    url TEXT,
    host TEXT,
    title TEXT,
    body_sha256 TEXT,
    content_sha256 TEXT NOT NULL,    -- of what makes two versions differ
    run_id TEXT,
    exported_at REAL NOT NULL,
    gone_at REAL
) STRICT;

CREATE INDEX articles_body ON articles (body_sha256, host);

CREATE TABLE host_files (            -- robots.txt and the like
    address TEXT PRIMARY KEY,
    body BLOB NOT NULL,
    status INTEGER NOT NULL,
    fetched_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hints (                 -- how often a site's lastmod told the truth
    host TEXT PRIMARY KEY,
    right INTEGER NOT NULL DEFAULT 0,
    wrong INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    started REAL NOT NULL,
    checkpoint REAL NOT NULL,
    lengths TEXT NOT NULL,           -- JSON: bytes of each file that is safe, by name
    tally TEXT NOT NULL,             -- JSON: counts of these records
    exit_reason TEXT
) STRICT, WITHOUT ROWID;
