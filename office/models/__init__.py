"""What head office keeps."""

from office.models.daily_figure import Counting, DailyFigure, WeeklyFigure

__all__ = ["Counting", "DailyFigure", "WeeklyFigure"]
