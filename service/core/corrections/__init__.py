"""What people said that feedback is about -> lines to train by, and how often each part of the ladder was wrong."""

from service.core.corrections.acts import CorrectionAct, acts_of
from service.core.corrections.filings import (
    CategoryFiled,
    Confusion,
    FiledTally,
    Filings,
    KeywordFiled,
    KeywordTally,
    count_filings,
    filed_by_category,
    filed_by_keyword,
)
from service.core.corrections.labelled import confirmed_lines, labelled_line

__all__ = [
    "CategoryFiled",
    "Confusion",
    "CorrectionAct",
    "FiledTally",
    "Filings",
    "KeywordFiled",
    "KeywordTally",
    "acts_of",
    "confirmed_lines",
    "count_filings",
    "filed_by_category",
    "filed_by_keyword",
    "labelled_line",
]
