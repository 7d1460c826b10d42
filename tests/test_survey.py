"""Everything that is wrong with a contract is said at once, and nothing that only follows from it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from payfs.examples import examine

SPECS = Path(__file__).parent.parent / "contract_specs"
FILES = sorted([*SPECS.glob("*.yaml"), *SPECS.glob("templates/*.yaml")])
BLOCKS = ("parties", "cohorts", "metrics", "rules", "limits", "periods")


def entries(data: dict) -> list[tuple[str, ...]]:
    """List the paths of the entries that can be faulty alone."""
    found = []
    for block in BLOCKS:
        path = ("population", "cohorts") if block == "cohorts" else (block,)
        inside = data
        for key in path:
            inside = (inside or {}).get(key) or {}
        found += [(*path, name) for name, entry in inside.items() if isinstance(entry, dict)]
    return found


def findings(data: dict, tmp_path: Path) -> list[str]:
    file = tmp_path / "contract.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return [str(finding) for finding in examine(str(file))[1].findings]


def at(data: dict, path: tuple[str, ...]) -> dict:
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_one_fault_anywhere_is_one_finding(file, tmp_path):
    whole = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    for path in entries(whole):
        data = copy.deepcopy(whole)
        at(data, path)["zzz"] = "1"
        found = findings(data, tmp_path)
        assert len(found) == 1, (path, found)
        assert "unknown key 'zzz'" in found[0]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_fault_does_not_hide_those_that_other_checks_find(file, tmp_path):
    data = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    data["nonsense"] = "1"  # an unknown key
    anyone = {"payee": next(iter(data["parties"]))}
    data["signed"] = "30 February 2016"  # a value that cannot be read
    by_cohort = "by_cohort" in file.read_text(encoding="utf-8")  # another cohort would want a figure in every price
    if not by_cohort:
        data["population"]["cohorts"] = {**(data["population"].get("cohorts") or {}), "all": anyone}  # a forbidden name
    data.setdefault("limits", {})["mine"] = {"most": "5", "rules": ["no such rule"]}  # a reference
    at(data, ("rules", next(iter(data["rules"]))))["source"] = "no such source"
    data.setdefault("examples", []).append({"name": "One more", "expect": {"rules": {"no such rule either": "5"}}})
    found = "\n".join(findings(data, tmp_path))
    for word in ("'nonsense'", "30 February", "'all'", "'no such rule'", "'no such source'", "'no such rule either'"):
        assert word in found or (by_cohort and word == "'all'"), (word, found)


SMALL = {
    "contract": "x",
    "title": "X",
    "currency": "USD",
    "parties": {"a": {"name": "A", "role": "outcome payer"}, "b": {"name": "B", "role": "service provider"}},
    "payer": "a",
    "payee": "b",
    "periods": {"p": {"from": "2020-01-01", "to": "2020-12-31", "paid": "2021-01-31"}},
    "metrics": {"jobs": {"unit": "job"}},
    "rules": {"r": {"metric": "jobs", "price": "5"}},
}
PAYER = "payer: there is no party 'typo'; name one of a, b"


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        pytest.param({"rules": {"r": {"metric": "jobs", "prise": "5"}}}, [PAYER, "key 'prise'"], id="only rule"),
        pytest.param(
            {"rules": {"r": {"metric": "jbos", "price": "5", "zzz": "1", "payee": ["b"]}}},
            [PAYER, "rules.r.metric: there is no metric 'jbos'; did you mean 'jobs'", "unknown key 'zzz'", "a list"],
            id="an entry that is set aside",
        ),
        pytest.param(
            {"periods": {"p": {"from": "2020-01-01", "to": "2020-13-31"}}}, [PAYER, "no month 13"], id="only period"
        ),
        pytest.param({"parties": {**SMALL["parties"], "b": "B"}}, [PAYER, "parties.b: 'B'"], id="a party"),
        pytest.param(
            {"limits": {"l": {"most": "5", "rules": "q", "zzz": "1"}}},
            [PAYER, "limits.l.rules: there is no rule 'q'; name one of r", "unknown key 'zzz'"],
            id="a limit",
        ),
        pytest.param(
            {"examples": [{"name": "One", "expect": {"zzz": "5"}, "source": "nope"}]},
            [PAYER, "examples.1.source: there is no source 'nope'", "unknown key 'zzz'"],
            id="an example",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_all_else_that_is_wrong(faults, told, tmp_path):
    found = findings({**SMALL, "payer": "typo", **faults}, tmp_path)
    assert len(found) == len(told), found
    assert all(any(words in line for line in found) for words in told), found


def test_a_name_is_no_fault_where_the_entry_that_it_names_is_set_aside(tmp_path):
    (found,) = findings({**SMALL, "metrics": {"jobs": {"unit": "job", "zzz": "1"}}}, tmp_path)
    assert "unknown key 'zzz'" in found
