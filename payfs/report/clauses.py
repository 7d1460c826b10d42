"""The clauses of a contract in sentences, as they stand in one stretch of time."""

from __future__ import annotations

from payfs.report.capital_text import CapitalText
from payfs.report.limit_text import LimitText
from payfs.report.metric_text import MetricText
from payfs.report.rule_text import RuleText


class Clauses(MetricText, RuleText, LimitText, CapitalText):
    """Says what is measured, what is paid and up to what, and where the money comes from."""
