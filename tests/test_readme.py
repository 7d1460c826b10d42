"""What the README and the reference say is true."""

from __future__ import annotations

import re
import types
import typing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from made_scenarios import SCENARIO, loaded
from pydantic import BaseModel

from payfs.contract import ContractSpec, load
from payfs.examples import run_examples
from payfs.simulate.belief import KINDS
from payfs.simulate.question import read_question, units_of
from payfs.simulate.run import Run
from payfs.simulate.scenario import load_scenario
from payfs.simulate.worked import Worked
from payfs.simulate.written import Evenly, MetricBelief, ScenarioSpec, Varies
from payfs.text import read_yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "contract_specs" / "README.md").read_text(encoding="utf-8")
SCENARIOS = (ROOT / "simulations" / "README.md").read_text(encoding="utf-8")


SINGLE = ("Most", "Baseline", "Price", "Varying", "RoundingSpec", "Times", "Where")


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def models(of: type[BaseModel] = ContractSpec) -> dict[str, type[BaseModel]]:
    """Return every model of the contract file, or of another, by name."""
    found: dict[str, type[BaseModel]] = {}

    def walk(annotation: object) -> None:
        if isinstance(annotation, types.GenericAlias) or typing.get_origin(annotation) is not None:
            for inner in typing.get_args(annotation):
                walk(inner)
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__name__ not in found:
            found[annotation.__name__] = annotation
            for field in annotation.model_fields.values():
                walk(field.annotation)

    walk(of)
    return found


def test_the_contract_in_the_readme_holds(tmp_path):
    text = blocks(README, "yaml")[0]
    file = tmp_path / "stable-homes.yaml"
    file.write_text(text, encoding="utf-8")
    outcome = run_examples(load(file))
    assert (outcome.passed, outcome.failed) == (1, 0)


def test_the_scenario_in_the_readme_runs(tmp_path):
    contract, scenario = blocks(README, "yaml")
    (tmp_path / "stable-homes.yaml").write_text(contract, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(scenario, encoding="utf-8")
    made = load_scenario(tmp_path / "scenario.yaml")
    risk = Run(Worked(made), made.draws(1024)).risk()
    assert 0 < risk["fiscal year 2027/28"].figures["mean"].value / 100 <= 500_000


def test_the_python_in_the_readme_prints_what_it_says(monkeypatch, capsys):
    (text,) = blocks(README, "python")
    monkeypatch.chdir(ROOT)
    exec(compile(text, "README.md", "exec"), {})
    said = re.search(r"# (.*)$", text.strip())
    assert said is not None
    assert capsys.readouterr().out.strip() == said.group(1)


def test_the_readme_counts_the_contracts():
    count = len(list((ROOT / "contract_specs").glob("*.yaml")))
    assert f"the {count} real contracts" in README
    assert f"holds {count} contracts" in README


def test_the_readme_lists_every_command():
    from payfs.cli import app

    start = README.index("## What it does")
    table = README[start : README.index("`SPEC` is a file", start)]
    listed: dict[str, set[str]] = {}
    for line in re.findall(r"^    payfs (\S+(?: [a-z-]+)?(?: \| [a-z-]+)*)", table, re.M):
        group, _, rest = line.partition(" ")
        for word in line.split(" | ") if group not in ("db", "ledger") else rest.split(" | "):
            listed.setdefault(group if group in ("db", "ledger") else "", set()).add(word.split(" ")[0])
    apps = {"": app, **{group.name: group.typer_instance for group in app.registered_groups}}
    for name, commands in apps.items():
        known = {command.name or command.callback.__name__ for command in commands.registered_commands}
        assert listed[name] == known - {"demo"}, name


@pytest.mark.parametrize("text", blocks(REFERENCE, "yaml"), ids=lambda text: text.split(":", 1)[0])
def test_the_examples_of_the_reference_are_yaml(text):
    # several prices stand side by side under one key, each an example of its own
    lines = text.splitlines()
    starts = [place for place, line in enumerate(lines) if re.match(r"\w", line)] + [len(lines)]
    for start, stop in pairwise(starts):
        read_yaml("\n".join(lines[start:stop]) + "\n", "contract_specs/README.md")


@pytest.mark.parametrize("name", sorted(models()))
def test_the_reference_shows_every_key(name):
    missing = []
    for key, field in models()[name].model_fields.items():
        word = field.alias or key
        if word in ("flat", "metric", "none") and name in SINGLE:
            continue  # what a single value turns into; nobody writes it
        if not re.search(rf"(?<!\w){re.escape(word)}(`|:)", REFERENCE):
            missing.append(word)
    assert not missing


@pytest.mark.parametrize("text", blocks(SCENARIOS, "yaml"))
def test_the_examples_of_the_scenario_reference_are_parts_of_scenarios(text):
    data = read_yaml(text, "simulations/README.md").data
    assert ScenarioSpec.model_validate({"scenario": "x", "contract": "x", **data})


SAID = {**models(ScenarioSpec), "Evenly": Evenly, **{kind.__name__: kind for kind in KINDS.values()}}


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_scenario_reference_shows_every_key(name):
    if name in ("Belief", "Times", "Between", "Discrete"):
        return  # what a sentence, a single value or a list of values turns into; nobody writes it
    keys = [field.alias or key for key, field in SAID[name].model_fields.items()]
    assert not [key for key in keys if not re.search(rf"(?<!\w){re.escape(key)}(`|:)", SCENARIOS)]


def test_the_scenario_reference_shows_every_distribution_and_word():
    assert not [word for word in KINDS if f"{{{word}:" not in SCENARIOS]
    for words in (Varies, *(MetricBelief.model_fields[key].annotation for key in ("drawn",))):
        assert not [word for word in typing.get_args(words) if f"`{word}`" not in SCENARIOS]


def test_what_the_reference_says_can_be_correlated_can_be(tmp_path):
    """Every phrase in the list of what can be named is one by which an input is called."""
    said = re.findall(r"`([a-z ]+) of`", SCENARIOS)
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "payfs" / "simulate").glob("*.py"))
    missing = [word for word in said if f": {word}" not in source and f"{word} of" not in source]
    assert len(said) >= 9
    assert not missing


def test_the_questions_of_the_scenario_reference_can_be_asked_and_its_results_are_there(tmp_path):
    worked = Worked(loaded(tmp_path, SCENARIO.replace('{"2023/24": 300000}', "300000")))
    labels = units_of(worked.evaluate(np.full((worked.columns, 2), 0.5)))
    (text,) = blocks(SCENARIOS, "text")
    questions = [line.partition("   ")[0] for line in text.strip().splitlines()]
    assert len(questions) == 8
    for question in questions:
        assert read_question(question, labels, worked.contract.money, 30_000_000).label in labels
    rows = re.findall(r"^\| (`.+?`) \|", SCENARIOS.partition("## What the results are called")[2], re.M)
    said = [word for row in rows for word in re.findall(r"`([^`]+)`", row)]
    put = {"rule NAME": "rule homes", "payer NAME": "payer city", "limit NAME binds": "limit all binds"}
    put |= {f"TRANCHE {word}": f"all tranches {word}" for word in ("received", "loss", "multiple", "IRR")}
    put["RULE: from 10% and below 20%, $100,000.00"] = "fall: from 10% and below 20%, $100,000.00"
    by_year = {"fiscal year 2023/24 passes its budget", "any fiscal year passes its budget"}
    assert len(said) >= 14
    assert not {put.get(word, word) for word in said} - by_year - set(labels)
    years = Worked(loaded(tmp_path, SCENARIO.replace("300000}", '300000, "2022/23": 90000}')))
    assert by_year <= set(years.evaluate(np.full((years.columns, 2), 0.5)))


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "contract_specs/README.md", "simulations/README.md"])
def test_what_is_linked_to_is_there(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [there for there in linked if not (ROOT / file).parent.joinpath(there).exists()] == []
    pictures = [there for there in linked if there.endswith(".png")]
    assert len(pictures) == (4 if file == "README.md" else 0)
