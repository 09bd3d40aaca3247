"""The frontier of a crawl that many processes share, on a Redis server: `-s FRONTIER=redis://…`.

Each process is a run with an output folder of its own. What they know of every address is on the
server, in place of `state.db`; `docs/scale.md` tells how to run them.
"""
