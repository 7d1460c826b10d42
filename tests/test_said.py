"""What statements and explanations say, word for word, for every golden case.

The texts in ``tests/said`` were read before they were kept; a change of wording shows in the diff. To write them anew:
``python tests/test_said.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_files import account_of, all_cases, contract_of

from payfs.payments import as_data
from payfs.report.statement_text import explanation_lines, statement_lines
from payfs.text import Refused

SAID = Path(__file__).parent / "said"
FILES = sorted({case.file for case in all_cases()})


def said(file: str) -> str:
    """Say everything about every case of a file."""
    lines = []
    for case in (case for case in all_cases() if case.file == file):
        lines += [f"# {case.name}", ""]
        try:
            account = account_of(contract_of(case.contract))
        except Refused as refused:
            lines += [f"{finding.what}; {finding.remedy}" for finding in refused.findings]
            lines += [""]
            continue
        lines += statement_lines(account)
        for payment in account.payments:
            lines += ["", *explanation_lines(payment, account)]
        totals = {key: value for key, value in as_data(account).items() if key != "payments"}
        lines += ["", json.dumps(totals, ensure_ascii=False, sort_keys=True), ""]
    return "\n".join(lines)


@pytest.mark.parametrize("file", FILES)
def test_every_case_says_what_it_said(file):
    assert said(file) == (SAID / f"{file}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    SAID.mkdir(exist_ok=True)
    for name in FILES:
        (SAID / f"{name}.txt").write_text(said(name), encoding="utf-8")
