"""What head office keeps."""

from office.models.bulk_action import BulkAction, BulkOrder
from office.models.daily_figure import Counting, DailyFigure, WeeklyFigure
from office.models.dry_run import DryRun
from office.models.export import Export, ExportPart
from office.models.missing_report import MissingReport
from office.models.saved_view import SavedView

__all__ = [
    "BulkAction",
    "BulkOrder",
    "Counting",
    "DailyFigure",
    "DryRun",
    "Export",
    "ExportPart",
    "MissingReport",
    "SavedView",
    "WeeklyFigure",
]
