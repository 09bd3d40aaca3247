"""The report of a run as one HTML page, and the list of all runs.

`report.html` stands in the run's folder and `index.html` in the output folder. `making` writes
them; what they hold is read from `run.json` (`values`, `view`) and `rejected.jsonl` (`examples`).
Nothing here is imported before a report is made: a crawl begins without the plotting library.
"""
