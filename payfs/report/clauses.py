"""The clauses of a contract in sentences, as they stand in one stretch of time."""

from __future__ import annotations

from payfs.report.limit_text import LimitText
from payfs.report.metric_text import MetricText
from payfs.report.rule_text import RuleText


class Clauses(MetricText, RuleText, LimitText):
    """Says what is measured, what is paid, and up to what."""
