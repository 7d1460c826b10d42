"""The commands as a person meets them: what is printed where, and the exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

import payfs
from payfs.cli import app
from payfs.places import contract_specs, template_names

ROOT = Path(__file__).parent.parent
SPECS = sorted(path.stem for path in contract_specs().glob("*.yaml"))
DENVER = str(contract_specs() / "results" / "denver-sib.csv")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def process(*arguments, **options):
    command = [sys.executable, "-m", "payfs", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **options)


def test_it_says_which_version_it_is():
    assert run("--version").stdout == f"payfs {payfs.__version__}\n"


def test_demo_pays_what_denver_paid():
    result = run("demo")
    assert result.exit_code == 0
    assert result.stderr == ""
    for amount in ("$9,638,911.36", "$3,913,932.96", "$620,978.40", "$5,104,000.00"):
        assert amount in result.stdout
    assert "within the limit" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_demo_goes_on_to_the_returns_and_ends_with_100_000_paths():
    shown = run("demo").stdout.split("4. payfs returns denver-sib")[1]
    returned, simulated = shown.split("5. payfs simulate denver-sib")
    assert "$1,038,911.36" in returned
    assert "1.1208" in returned
    assert "100,000 paths, each a possible course of this contract" in simulated
    assert "Payments by fiscal year [USD]" in simulated


STACK = """\
contract: stack
title: A stack
currency: USD
parties:
  city: {name: City, role: outcome payer}
  firm: {name: Firm, role: service provider}
  fund: {name: Fund, role: investor}
periods: {years: {every: year, from: 2016-01-01, to: 2017-12-31}}
metrics: {m: {unit: job}}
rules: {m: {price: 10}}
capital:
  tranches:
    loan:
      holder: fund
      kind: senior
      commitment: 1000
      draws: {2015-12-31: 1000}
      interest: {rate: 5%, days: ACT/365}
  surplus: {firm: 100%}
"""


def test_returns_pours_payments_through_the_stack(tmp_path):
    (tmp_path / "x.yaml").write_text(STACK, encoding="utf-8")
    (tmp_path / "x.csv").write_text("metric,cohort,period,value\nm,,2016,50\nm,,2017,80\n", encoding="utf-8")
    result = run("returns", tmp_path / "x.yaml", "--results", tmp_path / "x.csv", "--rate", "5%")
    assert result.exit_code == 0
    # 2016 has 366 days: 50.14 of interest, 449.86 of principal; then 27.51 and the remaining 550.14, and 222.35 is left
    text = " ".join(result.stdout.split())
    for words in ("interest $77.65", "principal back $1,000.00", "gain $77.65", "multiple 1.077", "IRR a year 5.00%"):
        assert words in text
    data = json.loads(run("returns", tmp_path / "x.yaml", "--results", tmp_path / "x.csv", "--json").stdout)
    assert [(c["date"], c["kind"], c["amount"]) for c in data["cash"] if c["kind"] in ("interest", "surplus")] == [
        ("2016-12-31", "interest", "50.14"),
        ("2017-12-31", "interest", "27.51"),
        ("2017-12-31", "surplus", "222.35"),
    ]
    assert data["tranches"]["loan"]["gain"] == "77.65"
    early = run("returns", tmp_path / "x.yaml", "--results", tmp_path / "x.csv", "--as-of", "2016-12-31").stdout
    assert "$550.14 is still owed" in " ".join(early.split())
    before = run("returns", tmp_path / "x.yaml", "--results", tmp_path / "x.csv", "--as-of", "2010-01-01")
    assert (before.exit_code, before.stdout) == (1, "")
    assert "nothing of the stack has happened by the day that is looked at" in " ".join(before.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x.yaml", "--rate", "0.05"), "--rate: '0.05' is no rate a year; write a percentage, such as 4%"),
        (("uk-hmp-peterborough",), "the contract says nothing of who put the money in"),
    ],
)
def test_returns_that_cannot_be_worked_out_say_why(arguments, said, tmp_path):
    (tmp_path / "x.yaml").write_text(STACK, encoding="utf-8")
    (tmp_path / "x.csv").write_text("metric,cohort,period,value\n", encoding="utf-8")
    spec = tmp_path / arguments[0] if arguments[0].endswith("yaml") else arguments[0]
    result = run("returns", spec, "--results", tmp_path / "x.csv", *arguments[1:])
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize("spec", SPECS)
def test_every_command_reads_every_contract(spec):
    assert run("check", spec).exit_code == 0
    text = run("read", spec).stdout
    # only an address, which cannot be broken, is longer than the terminal is wide
    assert all(len(line) <= 80 for line in text.splitlines() if "://" not in line)


def test_check_as_json_has_the_shape_that_is_promised(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("contract: bad\n", encoding="utf-8")
    result = run("check", "--json", "denver-sib", bad)
    assert result.exit_code == 1
    good, wrong = json.loads(result.stdout)["files"]
    assert good["ok"] is True
    assert good["rules"] == 2
    assert good["examples"] == {"passed": 24, "failed": 0}
    assert good["findings"] == []
    assert wrong["ok"] is False
    assert wrong["file"] == str(bad)
    assert {tuple(finding) for finding in wrong["findings"]} == {("line", "column", "path", "what", "remedy")}


def test_pay_as_json_has_the_shape_that_is_promised():
    result = run("pay", "denver-sib", "--results", DENVER, "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["contract"] == "denver-sib"
    assert data["currency"] == "USD"
    assert data["total"] == "9638911.36"
    assert data["unpaid"] == {}
    assert data["by_fiscal_year"] == {"2018": "1025967.60", "2020": "2887965.36", "2021": "5724978.40"}
    payment = data["payments"][-1]
    assert {"rule", "payer", "payee", "cohort", "period", "measured", "due", "amount", "why"} <= set(payment)
    assert payment["rule"] == "jail_days"
    assert payment["measured"] == "38%"
    assert payment["due"] == "2021-07-31"
    assert payment["amount"] == "5104000.00"


def test_findings_go_to_standard_error_and_results_to_standard_output(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("metric,cohort,period,value\nstable_day,,payment 2,1\n", encoding="utf-8")
    for json_ in ((), ("--json",)):
        result = run("pay", "denver-sib", "--results", file, *json_)
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr == (f"{file}:2: the contract has no metric 'stable_day'; did you mean 'stable_days'\n")


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["pay", "denver-sib"], ["check"], ["read", "denver-sib", "--colour"]]
)
def test_wrong_usage_ends_with_status_2(arguments):
    assert process(*arguments).returncode == 2


def test_a_contract_that_is_not_there_is_a_finding():
    result = run("check", "denver-sob")
    assert result.exit_code == 1
    assert "did you mean 'denver-sib'" in result.stderr


@pytest.mark.parametrize("template", template_names())
def test_a_new_contract_is_valid_from_the_start(template, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", "my-contract", "--from", template).exit_code == 0
    assert run("check", "my-contract.yaml").exit_code == 0
    assert "contract: my-contract" in (tmp_path / "my-contract.yaml").read_text(encoding="utf-8")
    again = run("new", "my-contract", "--from", template)
    assert again.exit_code == 1
    assert "the file is there already" in again.stderr


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "x" * 61, "a\nb"])
def test_a_new_contract_is_written_nowhere_else(name, tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    result = run("new", name, "--from", "rate-card")
    assert result.exit_code == 1
    assert "cannot be a file's name" in result.stderr
    assert not list(folder.iterdir())
    assert list(tmp_path.iterdir()) == [folder]


def test_an_unknown_template_is_named_and_the_known_ones_listed():
    result = run("new", "x", "--from", "rate-cart")
    assert result.exit_code == 1
    assert "did you mean 'rate-card'" in result.stderr


def as_an_editor_sees(value):
    if isinstance(value, dict):
        return {str(key): as_an_editor_sees(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_an_editor_sees(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def test_the_schema_accepts_every_contract_and_no_misspelt_key():
    result = run("schema")
    assert result.stderr == ""
    schema = json.loads(result.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = [*contract_specs().glob("*.yaml"), *(contract_specs() / "templates").glob("*.yaml")]
    for file in files:
        data = as_an_editor_sees(yaml.safe_load(file.read_text(encoding="utf-8")))
        assert [error.message for error in validator.iter_errors(data)] == [], file.name
        data["rulse"] = {}
        assert list(validator.iter_errors(data))


def test_it_runs_as_a_module_from_any_folder(tmp_path):
    result = process("check", "jp-hachioji", cwd=tmp_path)
    assert result.returncode == 0, result.stderr


def test_signs_of_money_do_not_crash_a_plain_terminal(tmp_path):
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = process("read", "uk-care-leavers-sib", env=environment)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr


def test_a_closed_pipe_ends_quietly():
    command = f"{sys.executable} -m payfs read denver-sib | head -1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.startswith("Denver")
    assert result.stderr == ""


def test_ctrl_c_ends_it_without_a_traceback():
    command = [sys.executable, "-m", "payfs", "check", *SPECS * 20]
    # where the tests run in the background, interrupts are ignored, and what they start would inherit that
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert started.stdout is not None
    started.stdout.readline()  # it is at work
    started.send_signal(signal.SIGINT)
    limit = time.monotonic() + 20
    _, errors = started.communicate(timeout=limit - time.monotonic())
    assert started.returncode == 130
    assert "Traceback" not in errors


@pytest.mark.parametrize("command", [["check", "denver-sib"], ["pay", "denver-sib", "--results", DENVER]])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_without_a_traceback(command):
    with open("/dev/full", "w", encoding="utf-8") as full:
        started = [sys.executable, "-m", "payfs", *command]
        result = subprocess.run(started, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert result.stderr == "the result cannot be written: no space left on device; write it elsewhere\n"


def test_a_closed_output_does_no_harm():
    command = f"{sys.executable} -m payfs check denver-sib >&-"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_long_statement_may_be_read_in_part(tmp_path):
    months = "periods: {months: {every: month, from: 1900-01-01, to: 1999-12-31}}"
    text = (ROOT / "tests" / "errors" / "results" / "no-cohorts" / "contract.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("periods:\n")
    (tmp_path / "x.yaml").write_text(f"{head}{months}\n{rest[rest.index('metrics:') :]}", encoding="utf-8")
    rows = "".join(f"days,{1900 + n // 12}-{n % 12 + 1:02d},5\n" for n in range(1200))
    (tmp_path / "x.csv").write_text(f"metric,period,value\n{rows}", encoding="utf-8")
    for output in ("", "--json"):
        command = f"{sys.executable} -m payfs pay x.yaml --results x.csv {output} | head -1"
        options = {"capture_output": True, "text": True, "timeout": 60, "check": False, "cwd": tmp_path}
        result = subprocess.run(["bash", "-c", command], **options)
        assert result.stdout in ("A sample\n", "{\n")
        assert result.stderr == ""


def test_a_folder_that_may_not_be_written_to_is_told(tmp_path, monkeypatch):
    opened = Path.open

    def refuse(path, mode="r", **options):
        if mode == "x":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, **options)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)
    result = run("new", "x", "--from", "tiers")
    assert result.exit_code == 1
    assert result.stderr == "x.yaml: the file cannot be written: Permission denied; choose another folder\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "hosing"], "there is no rule 'hosing'; did you mean 'housing'"),
        (["--period", "payment 6"], "there is no period 'payment 6'; did you mean 'payment 5'"),
        (["--rule", "jail_days", "--period", "payment 1"], "nothing is due for 'jail_days' and 'payment 1'"),
    ],
)
def test_what_cannot_be_explained_is_told(arguments, message):
    result = run("explain", "denver-sib", "--results", DENVER, *arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr


def test_results_without_rows_are_due_nothing(tmp_path):
    (tmp_path / "x.csv").write_text("metric,cohort,period,value\n", encoding="utf-8")
    result = run("pay", "denver-sib", "--results", tmp_path / "x.csv")
    assert result.exit_code == 0
    assert "Nothing is due on these results yet." in result.stdout


def test_help_names_every_command():
    result = process("--help")
    assert result.returncode == 0
    for command in ("demo", "check", "read", "pay", "returns", "explain", "new", "schema"):
        assert command in result.stdout


def test_paying_a_contract_whose_examples_fail_says_so(tmp_path):
    spec = tmp_path / "denver.yaml"
    text = (contract_specs() / "denver-sib.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("total: 9638911.36", "total: 9638911.37"), encoding="utf-8")
    assert spec.read_text(encoding="utf-8") != text
    paid = run("pay", spec, "--results", DENVER)
    assert paid.exit_code == 0
    assert "2 worked examples of its own cannot be met by its rules" in paid.stderr
    assert "9,638,911.36" in paid.stdout
