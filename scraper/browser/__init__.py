"""Pages that need JavaScript, read in a real browser: a switch of a site's description.

`addon` stands at rest until a site of the crawl has the switch; only then anything of playwright is
imported.
"""
