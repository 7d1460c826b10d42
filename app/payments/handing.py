"""Handing in and verifying: contracts into the ledger, results by providers, verification by evaluators."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from sqlmodel import Session

from app.parts.chosen import choices, find
from app.parts.kept import Kept
from app.parts.picked import pick
from app.parts.taken import take_away
from app.parts.told import show, table
from app.payments.steps import ready, step, uploaded, with_files
from payfs.contract import Contract
from payfs.evidence.results import Result
from payfs.report.phrases import counted
from payfs.store import Store, workflow
from payfs.store.evidence import read_again, submitted_files
from payfs.store.export import content_of
from payfs.store.history import Handed, submissions_of
from payfs.store.rows import Submission
from payfs.store.step import Answer, numbered
from payfs.store.verified import due_if_verified
from payfs.store.versions import current
from payfs.text import Finding, Refused

KINDS = ["csv", "yaml", "yml", "xlsx"]
MOST_SHOWN = 200  # rows of what was handed in
HELP = (
    "Results as CSV with the columns metric, cohort, period, value, or as YAML; or the register of claims to date with "
    "the columns person, outcome, date, as CSV or Excel. At most 20 MB. A file with a fault is refused as a whole."
)


def register_form() -> None:
    """Draw what puts a signed contract into the ledger: a draft, a real deal to try with, or a file."""
    kept = Kept("register")
    options = choices(("draft", "deal"))
    how = {**{"file": "a file of my own"}, **options}
    place = "register file"
    if kept.choice("Which contract", "from", list(how), format_func=lambda one: how.get(one, one)) == "file":
        file = st.file_uploader("Contract file (YAML)", type=["yaml", "yml"], key=place)
        ready([file] if file else [], "put into the ledger")

    def work(store: Store, by: str, key: str) -> Answer:
        if kept.now("from") == "file":
            return with_files(uploaded(place), lambda files: workflow.register(store, by, files[0], key))
        chosen = find(kept.now("from"))
        with TemporaryDirectory(prefix="payfs-") as folder:
            file = Path(folder) / "contract.yaml"
            file.write_bytes(chosen.text.encode("utf-8"))
            return workflow.register(store, by, str(file), key)

    st.caption(
        "It is kept as it was signed, word for word. Whoever puts it in becomes its keeper, and gives the roles."
    )
    step("Put it into the ledger", "register", work, kept)


def hand_in_form(session: Session, contract: str) -> None:
    """Draw what hands in results or claims."""
    before = submissions_of(session, contract)
    place = f"hand in {contract} {len(before)}"
    ready(
        st.file_uploader("Results or claims", type=KINDS, accept_multiple_files=True, key=place, help=HELP), "handed in"
    )

    def work(store: Store, by: str, key: str) -> Answer:
        return with_files(uploaded(place), lambda files: workflow.submit(store, by, contract, files, key))

    step("Hand in", f"submit {contract} {len(before)}", work)
    handed(before)


def handed(before: list[Handed]) -> None:
    """Show what was handed in so far."""
    if not before:
        st.text("Nothing was handed in yet.")
        return
    rows = [
        (
            f"{one.number}: {one.covers}",
            f"{one.by}, {one.at[:10]}",
            " ".join(part for part in (one.state, f"by {one.judged_by}" if one.judged_by else "") if part),
            one.reason or "",
        )
        for one in reversed(before)
    ]
    table(("submission", "handed in by", "state", "reason"), rows, what="What was handed in, the last first")


def verify_form(session: Session, contract: str) -> None:
    """Draw what verifies a submission, corrects it, or sends it back."""
    waits = [one for one in submissions_of(session, contract) if one.state == "submitted"]
    if not waits:
        st.info("Nothing waits to be verified. The provider hands it in first.")
        handed(submissions_of(session, contract))
        return
    names = {one.number: f"Submission {one.number}: {one.covers}, by {one.by} on {one.at[:10]}" for one in waits}
    number = pick("Submission", list(names), names.__getitem__, key=f"verify {contract}")
    read = current(session, contract).contract
    _shown(session, contract, number, read)
    try:
        due = due_if_verified(session, contract, number)
        st.text(f"Verified as it is, {read.money.show(due.total)} would be due now.")
        rows = [
            (
                ", ".join(part for part in (line["rule"], line["period"], line["cohort"]) if part),
                line["measured"] or "",
                read.money.show(line["amount"]),
            )
            for line in due.lines
        ]
        if rows:
            table(("what", "measured", "amount"), rows, ("amount",), "What would be due now")
    except Refused as refused:
        show(refused, "What it comes to cannot be worked out:")
    place = f"{contract} {number}"

    def verify(store: Store, by: str, key: str) -> Answer:
        return workflow.verify(store, by, contract, number, (), None, key)

    step("Verify it as it is", f"verify {place}", verify)
    with st.expander("Correct it, or send it back"):
        kept = Kept("verify", place)
        kept.text("Reason, in one line; it names no participant", "reason")
        label, corrected = "Corrected files, in the place of all that was handed in", f"corrected {place}"
        ready(st.file_uploader(label, type=KINDS, accept_multiple_files=True, key=corrected), "verified in its place")

        def correct(store: Store, by: str, key: str) -> Answer:
            reason = kept.now("reason")
            if not reason.strip():
                raise Refused([Finding("no reason is written", "say in one line why it is corrected")])
            return with_files(
                uploaded(corrected), lambda names: workflow.verify(store, by, contract, number, names, reason, key)
            )

        def send_back(store: Store, by: str, key: str) -> Answer:
            return workflow.send_back(store, by, contract, number, kept.now("reason"), key)

        step("Verify it as corrected", f"correct {place}", correct, kept, primary=False)
        step("Send it back", f"send back {place}", send_back, kept, primary=False)


def _shown(session: Session, contract: str, number: int, read: Contract) -> None:
    """Show what was handed in: counts as a table, of claims how many; every file can be taken away."""
    row: Submission = numbered(session, Submission, contract, number)
    for place, file in enumerate(submitted_files(session, row.id), 1):
        found = read_again(file, current(session, contract).row.text, contract)
        results = [
            (one.metric, _cohort(read, one.cohort), read.periods[one.period].name, _value(read, one))
            for one in found.results
        ]
        if results:
            table(("metric", "cohort", "period", "value"), results[:MOST_SHOWN], ("value",), f"File {place}: results")
        if found.claims is not None:
            st.text(f"File {place}: a register of {counted(len(found.claims.rows), 'claim')} to date")
        content = content_of(session, file.sha256)
        take_away(f"File {place} as it was handed in", f"submission-{number}-{place}.{file.kind}", content)


def _cohort(contract: Contract, cohort: int) -> str:
    """Name a cohort; none where the contract has only one group of people."""
    return contract.cohorts[cohort] if len(contract.cohorts) > 1 else ""


def _value(contract: Contract, result: Result) -> str:
    return contract.terms[-1].scales[result.metric].show(result.value)
