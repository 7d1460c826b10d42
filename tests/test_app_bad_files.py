"""Every bad file of the contracts and the claims, uploaded to the application: findings, and never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_app_pages import place  # noqa: F401

from payfs.contract import load
from payfs.desk import Desk
from payfs.drafting.draft import read_draft, read_upload
from payfs.forecast import outcome
from payfs.forecast import read_upload as read_results
from payfs.text import Refused

ERRORS = Path(__file__).parent / "errors"
CONTRACTS = sorted(ERRORS.glob("*.yaml"))
CLAIMS = sorted(ERRORS.glob("claims/*.csv"))


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.stem)
def test_a_bad_contract_is_a_draft_with_findings(file):
    found = read_draft(read_upload(file.read_bytes(), file.name).text).findings
    assert found
    assert all(finding.what for finding in found)


@pytest.mark.parametrize("file", CONTRACTS[::12], ids=lambda file: file.stem)
def test_the_page_shows_what_is_wrong_with_it(place, file):  # noqa: F811
    Desk(place / "desks", "ann").save("bad", read_upload(file.read_bytes(), file.name).text)
    at = AppTest.from_string("from app.draft import page; page()", default_timeout=60)
    at.query_params["contract"] = "draft/bad"
    at.run()
    assert not at.exception, at.exception
    assert re.search("findings?:|not hold", " ".join(one.value for one in at.markdown))


def read_and_priced(file):
    contract = load(ERRORS / "claims" / "contract.yaml")
    read = read_results(contract, file.name, file.read_bytes())
    outcome(contract, read.results, claims=read.claims)


@pytest.mark.parametrize("file", CLAIMS, ids=lambda file: file.stem)
def test_a_bad_register_of_claims_is_refused_with_findings_and_without_a_folder_of_the_server(file):
    with pytest.raises(Refused) as refused:
        read_and_priced(file)
    assert refused.value.findings
    assert "/tmp" not in str(refused.value)
