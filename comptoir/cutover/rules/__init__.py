"""Reading and judging an export of the old centre: pure, without database and clock (rules 12)."""

from comptoir.cutover.rules.finding import Finding
from comptoir.cutover.rules.judgement import Judgement, judge
from comptoir.cutover.rules.layout import FILES
from comptoir.cutover.rules.table import Export, read_export

__all__ = ["FILES", "Export", "Finding", "Judgement", "judge", "read_export"]
