"""What a crawl knows of every address it has met, in `OUTPUT_DIR/state.db` (SQLite)."""

from scraper.state.crawl_state import State
from scraper.state.database import StateError

__all__ = ["State", "StateError"]
