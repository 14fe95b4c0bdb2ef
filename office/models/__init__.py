"""What head office keeps."""

from office.models.daily_figure import Counting, DailyFigure, WeeklyFigure
from office.models.saved_view import SavedView

__all__ = ["Counting", "DailyFigure", "SavedView", "WeeklyFigure"]
