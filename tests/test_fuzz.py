"""Ten thousand mutated contracts and results: no traceback, no hang, and exit status 0 or 1 only.

The mutations are drawn from a seed, so that every run is the same one; ``PAYFS_FUZZ_SEED`` draws others. What this
finds becomes a sample in ``tests/errors/`` or a test below.
"""

from __future__ import annotations

import contextlib
import copy
import csv
import io
import os
import random
import signal
import time
import traceback
from pathlib import Path

import pytest
import typer
import yaml

from payfs import cli

SPECS = Path(__file__).parent.parent / "contract_specs"
SEED = int(os.environ.get("PAYFS_FUZZ_SEED", "2016"))
RUNS, BLOCK = 10_000, 500
LONGEST = 2.0  # [seconds of the processor]
STUCK = 20  # [seconds] after which a run is stopped

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Plain(DUMPER):
    """Writes every value out in full."""

    def ignore_aliases(self, data):
        return True


NASTY = (
    """\
0|-0|1|-1|2|7|100|0.5|0.000000001|-0.000000001|999999999999999|999999999999999.999999999|-999999999999999|
1000000000000|9223372036854775807|9223372036854775808|123456789012345678901234567890|1e400|1e9999999|-1e-400|.nan|nan|
.inf|-.inf|inf|Infinity|NaN|0x1F|010|1_000|1,000|1,00|5,290,000|1.234.567|１２３|٣|Ⅷ|½|50 %|0%|100%|0.01%|101%|-5%|
999999999999%|0.000000001%|%|5/6|1/0|0/1|1/3|999999999/7|2/0.5|unknown|none|None|null|~|yes|no|YES|true|True|half up|
half even|down|up|to date|each period|in the period|carried forward|pooled|every cohort|any cohort|each cohort|held|lost|
lower|higher|money|yes/no|person|day|year|month|quarter|half-year|4 months|999 months|0 months|fiscal year|period|cohort|
rule|pro rata|all|1 July|29 February|31 April|1900|1900-01-01|1900-01|2199-12-31|2200|2200-12-31|1899-12-31|2201|9999|
0000-00-00|2017-02-30|2016-02-29|2017-10|2017|30 days after the period|45 business days after measurement|
7300 days after the period|240 months after measurement|5200 business days after measurement|
999999 days after the period|0 days after the period|following|modified following|USD|JPY|KWD|XXX|XAU|usd|US|US-CO|IR|
IN|JP|GB-ENG|ZZ|outcome payer|investor|*|&a|!x|@|`|{|}|[|]|{}|[]|: |#|- |'|"|\\|a: b|a\tb|<<|__class__|{0}|%s|{x!r}|
é|日本|🏠|ａｂｃ|раyer|\u200bx|x\u00a0y|a/b|..|../x|/dev/zero|con|-|--json
""".replace("\n", "").split("|")
    + ["", " ", "x" * 70, "9" * 400, "a" * 5000, "é" * 61]
)

FIGURES = [
    "0", "1", "2", "3", "7", "50", "99", "100", "101", "1000", "0.01", "0.5", "0.05", "12.34", "0.000000001",
    "0.333333333", "1.5", "1234567", "1000000000", "10000000000000", "999999999999999", "999999999999999.999999999",
    "-1", "-0.01", "-40500", "-999999999999999",
]  # fmt: skip

EVERYTHING = """\
contract: everything
title: A contract that uses most of the language
currency: USD
rounding: {how: half even, to: 0.05}
holidays: US-CO
term: {start: 2016-01-01, end: 2019-12-31}
parties:
  city: {name: City, role: outcome payer, fiscal_year_starts: 1 July}
  fund: {name: Fund, role: outcome payer}
  provider: {name: Provider, role: [service provider, intermediary]}
payers: [{until: 2017-12-31, shares: {fund: 100%}}, {shares: {fund: 1/3, city: 2/3}}]
payee: provider
population: {who: People, size: 100, cohorts: {east: {size: 50}, west: {payee: provider}}}
periods:
  years: {every: year, from: 2016-01-01, to: 2019-12-31, measured: 30 days after the period, paid: 45 business days after measurement, roll: modified following}
metrics:
  starts: {unit: person, most: 1000}
  days: {unit: day, reports: to date, by_cohort: no}
  fall: {unit: "%", step: 0.01%, most: 100%}
  savings: {unit: money, least: none}
  quality: {unit: yes/no, by_cohort: no}
  cpi: {unit: index, step: 0.1, by_cohort: no}
  control: {unit: day}
  all_starts: {unit: person, pooled: starts}
  both: {unit: person, sum: [starts, 10]}
  net: {unit: person, difference: {of: starts, less: 5}}
  rate: {unit: "%", step: 0.1%, ratio: {of: starts, to: control}, if_zero: 0}
  reduction: {unit: "%", step: 0.01%, reduction: {from: control, to: starts}, if_zero: 0}
  share: {unit: "%", step: 0.01%, weighted: {fall: 80%, rate: 20%}}
  best: {unit: "%", step: 0.01%, highest: [fall, rate]}
  progress: {unit: "%", step: 0.01%, change: fall}
  so_far: {unit: person, running: starts}
  saved: {unit: day, product: [fall, control]}
  base: {unit: "%", step: 1%, fixed: {by_year: {2016: 25%, 2018: 20%}}}
  points: {unit: point, score: {of: fall, tiers: [{below: 50%, gives: 0}, {from: 50%, gives: 40}]}}
  good: {unit: yes/no, met: {all_of: [{metric: fall, from: 5%}, {metric: starts, from: 3, of: pooled}]}}
rules:
  flat: {metric: starts, price: 2900.125, per: 5, complete: yes, most_units: 250}
  yearly: {metric: starts, price: {by_year: {2016: 100, 2018: 103.50}}, most: 100000}
  compound: {metric: days, price: {starts_at: 15.12, grows: 1%, every: quarter, from: 2015-09-01}, two_way: yes}
  indexed: {metric: days, price: {starts_at: 250, index: cpi, index_base: 236.5}}
  cliff: {metric: fall, tiers: [{below: 20%, pays: 0}, {from: 20%, below: 30%, price: 160}, {from: 30%, pays: 4800, plus: 38}]}
  marginal: {metric: fall, bands: [{up_to: 30%, price: 160}, {above: 30%, price: 38}], counts: to date}
  lines: {metric: fall, table: [{at: 10%, pays: 0}, {at: 80%, pays: 65}, {at: 90%, pays: unknown}], before: 0, after: 99}
  staged: {metric: savings, stages: [{price: 95%, until_paid: 7350}, {price: 40%}], pooled: yes}
  lump: {pays: 50000, gate: {metric: quality}}
  fee: {instalments: {total: 1000.01, split: {2016: 1/3, 2017: 2/3}}}
  shared: {metric: starts, pool: 10000}
  bonus: {part_of: [flat, yearly], share: 7.5%, counts: to date, returned: yes, gate: {metric: fall, below: 5%, of: any cohort, at: 2019}}
  least: {tops_up: {rules: [flat], to: 5000}, periods: [2019]}
  of_sum: {metric: fall, of: 150000000, tiers: [{below: 10%, pays: 0%}, {from: 10%, pays: 4.9%}], share: 5/6}
  for_every: {metric: fall, of: 150000, for_every: 1000, table: [{at: 0%, pays: 0}, {at: 100%, pays: 5}]}
  gated: {metric: net, price: 3, baseline: 7, gate: {any_of: [{metric: good}, {metric: fall, above: 2%}], otherwise: 50%, before: held, stays_open: yes}}
  held: {metric: starts, price: 1, payer: city, holdback: {share: 10%, released: 2019, gate: {metric: fall, from: 1%, of: every cohort}}}
limits:
  per year: {most: 2000000, per: fiscal year, unused: carried forward}
  east: {most: 22500, cohorts: [east], beyond: carried forward, per: [year, rule]}
  fund: {most: 45000, payer: fund, then: city}
  volume: {most_units: 500, rules: [flat], per: period}
  savings: {most: savings, rules: [staged]}
  contract: {most: 114200, shared: [flat, cliff]}
amendments:
  - {effective: 2018-01-01, what: Price raised, changes: {rules: {held: {price: 16.00}}, limits: {volume: none}}}
examples:
  - name: One
    period: 2016
    results: {starts: {east: 12, west: 9}, fall: {east: 12.5%, west: 35%}, savings: {east: 9000, west: -5}, quality: yes, days: 400, cpi: 240.1, control: {east: 100, west: 0}}
    expect: {total: 1, rules: {flat: {east: 5800.25}}, metrics: {rate: {east: 12%}}, unpaid: {volume: 0}}
  - name: Two
    assuming: {rules: {flat: {price: 3000}}}
    results: {starts: {east: {2016: 12, 2017: 8}, west: {2018: 30}}, days: {2016: 100, 2018: 300}}
    corrections: [{metric: days, period: 2016, value: 110, reported: 2018}]
    expect: {total: 1, payers: {fund: 3}, fiscal_years: {2016/17: 3}}
"""


# -- mutations


class Mutator:
    """Draws mutations from one seed."""

    def __init__(self, seed: int, corpus: Corpus) -> None:
        self.random = random.Random(seed)
        self.corpus = corpus

    def scalar(self) -> str:
        """Draw a value: a nasty one, or one that some contract uses somewhere."""
        return self.random.choice(NASTY if self.random.random() < 0.5 else self.corpus.words)

    # on text

    def text(self, text: str) -> str:
        """Change a few lines."""
        lines = text.split("\n")
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 8))):
            lines = self.lines(lines) or [""]
        return "\n".join(lines)

    def lines(self, lines: list[str]) -> list[str]:
        """Change one line, or exchange some."""
        draw = self.random
        at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        line = lines[at]
        match draw.randrange(12):
            case 0:
                return lines[:at] + lines[at + draw.randint(1, 3) :]
            case 1:
                return lines[:at] + [line] * draw.choice((2, 2, 3, 50)) + lines[at + 1 :]
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = " " * draw.randint(0, 12) + line.lstrip()
            case 4:
                key, colon, _ = line.partition(":")
                lines[at] = f"{key}{colon} {self.scalar()}"
            case 5:
                _, colon, value = line.partition(":")
                lines[at] = f"{' ' * draw.randint(0, 6)}{self.scalar()}{colon}{value}"
            case 6:
                place = draw.randrange(len(line) + 1)
                lines[at] = (
                    line[:place] + draw.choice("\0\x07\x1b\x85\u2028\ufeff\t{}[]:,#&*!|>'\"%@`-0é\\\r") + line[place:]
                )
            case 7:
                place = draw.randrange(len(line) + 1)
                lines[at] = line[:place] + line[place + draw.randint(1, 4) :]
            case 8:
                piece = draw.choice(self.corpus.texts).split("\n")
                start = draw.randrange(len(piece))
                return lines[:at] + piece[start : start + draw.randint(1, 8)] + lines[at:]
            case 9:
                return lines[: at + 1]
            case 10:
                parts = line.split(draw.choice((", ", ": ", " ", ",")))
                draw.shuffle(parts)
                lines[at] = draw.choice((", ", ": ", " ", ",")).join(parts)
            case _:
                lines[at] = line + draw.choice((" # x", " {", " }", " [", "]", ": x", ",", "\t", " " * 2000, "[" * 50))
        return lines

    # on structure

    def structure(self, text: str) -> str:
        """Change a few values or blocks of the tree, and write it out again."""
        tree = yaml.load(text, LOADER)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            self.tree(tree)
        try:
            return yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True, width=200)
        except yaml.YAMLError:
            return text

    def tree(self, tree: object) -> None:
        """Change one value or block."""
        draw = self.random
        spots = [spot for spot in places(tree) if spot[0]]
        if not spots:
            return
        if draw.random() < 0.4:
            self.gently(spots)
            return
        holder, key = draw.choice(spots)
        value = holder[key]
        match draw.randrange(12):
            case 0 | 1 | 2 | 3:
                scalars = [(h, k) for h, k in spots if isinstance(h[k], str)]
                if scalars:
                    holder, key = draw.choice(scalars)
                holder[key] = self.scalar()
            case 4:
                del holder[key]
            case 5 if isinstance(holder, dict):
                renamed = draw.choice(self.corpus.keys) if draw.random() < 0.7 else self.scalar()
                items = [(renamed if k == key else k, v) for k, v in holder.items()]
                holder.clear()
                holder.update(items)
            case 6 if isinstance(holder, dict):
                there, inner = draw.choice(self.corpus.blocks)
                holder[there] = copy.deepcopy(inner)
            case 7:
                there, inner = draw.choice(self.corpus.blocks)
                holder[key] = copy.deepcopy(inner)
            case 8:
                other, place = draw.choice(spots)
                with contextlib.suppress(KeyError, IndexError):
                    holder[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(value)
            case 9:
                for _ in range(draw.choice((1, 2, 45))):
                    value = draw.choice(([value], {draw.choice(self.corpus.keys): value}))
                holder[key] = value
            case 10 if isinstance(value, dict) and value:
                same = [
                    k for h, k in spots if isinstance(h, dict) and isinstance(h[k], type(next(iter(value.values()))))
                ]
                if same:
                    value[draw.choice(same)] = copy.deepcopy(draw.choice(list(value.values())))
            case 10 | 11 if isinstance(value, list) and value:
                value *= draw.choice((2, 3, 20))
                draw.shuffle(value)
            case _:
                holder[key] = self.scalar()

    def gently(self, spots: list) -> None:
        """Put a figure in the place of a figure, a date for a date, a word for a word: most of it can still be paid."""
        draw = self.random
        scalars = [(h, k) for h, k in spots if isinstance(h[k], str) and h[k]]
        figures = [(h, k) for h, k in scalars if h[k].rstrip("%").replace(".", "").lstrip("-").isdigit()]
        if figures and draw.random() < 0.7:
            holder, key = draw.choice(figures)
            holder[key] = draw.choice(FIGURES) + "%" * holder[key].endswith("%")
        elif scalars:
            holder, key = draw.choice(scalars)
            kind = kind_of(holder[key])
            holder[key] = draw.choice([word for word in self.corpus.words if kind_of(word) == kind] or [holder[key]])

    def spec(self) -> str:
        """Draw a mutated contract."""
        text = self.random.choice(self.corpus.specs)
        how = self.random.random()
        if how < 0.4:
            return self.text(text)
        text = self.structure(text)
        return self.text(text) if how > 0.9 else text

    def changed(self, text: str) -> str:
        """Change figures, dates and words of a contract that results are paid under."""
        tree = yaml.load(text, LOADER)
        spots = [spot for spot in places(tree) if spot[0]]
        for _ in range(self.random.choice((1, 1, 2, 4))):
            self.gently(spots)
        return yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True)

    def results(self, base: tuple[str, str]) -> tuple[str, str]:
        """Draw mutated results: the kind of file and its text."""
        kind, text = base
        if kind == "yaml" and self.random.random() < 0.3:
            tree = yaml.load(text, LOADER)
            self.gently([spot for spot in places(tree) if spot[0]])
            return kind, yaml.dump(tree, Dumper=Plain, sort_keys=False, allow_unicode=True)
        if kind == "csv" and self.random.random() < 0.7:
            return kind, self.table(text)
        if kind == "yaml" and self.random.random() < 0.6:
            return kind, self.structure(text)
        return kind, self.text(text)

    def table(self, text: str) -> str:
        """Change a few cells of a CSV file."""
        rows = list(csv.reader(io.StringIO(text)))
        for _ in range(self.random.choice((1, 1, 2, 3, 8))):
            row = self.random.choice(rows)
            match self.random.randrange(9):
                case 0:
                    row.append(self.scalar())
                case 1 if row:
                    del row[self.random.randrange(len(row))]
                case 2:
                    rows.append(list(row))
                case 3 if row:
                    self.random.shuffle(row)
                case 4 | 5 if len(row) > 3:
                    row[3] = self.random.choice(FIGURES) + "%" * row[3].endswith("%")
                case _ if row:
                    row[self.random.randrange(len(row))] = self.scalar()
        out = io.StringIO()
        csv.writer(out, lineterminator=self.random.choice(("\n", "\r\n"))).writerows(rows)
        return out.getvalue()


def kind_of(word: str) -> str:
    """Say roughly what a word is."""
    if word[:4].isdigit() and "-" in word:
        return "date"
    if " after " in word:
        return "lag"
    return "word" if word[:1].isalpha() else "sign"


def places(tree: object):
    """Yield every place of a tree, as what holds it and its key there."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from places(tree[key])


class Corpus:
    """The contracts that mutations start from, and the words and blocks that they are made of."""

    def __init__(self) -> None:
        files = [*sorted(SPECS.glob("*.yaml")), *sorted(SPECS.glob("templates/*.yaml"))]
        self.texts = [file.read_text(encoding="utf-8") for file in files] + [EVERYTHING]
        trees = [yaml.load(text, LOADER) for text in self.texts]
        # without remarks, and with the first examples only, so that ten thousand runs stay quick
        self.specs = []
        for tree in trees:
            few = {**tree, "examples": tree.get("examples", [])[:2]}
            self.specs.append(yaml.dump(few, Dumper=Plain, sort_keys=False, allow_unicode=True, width=200))
        self.specs += [EVERYTHING] * 6
        keys, words, blocks = set(), set(), []
        for tree in trees:
            for holder, key in places(tree):
                if isinstance(holder, dict):
                    keys.add(key)
                    blocks.append((key, holder[key]))
                if isinstance(holder[key], str) and len(holder[key]) < 60:
                    words.add(holder[key])
        self.keys, self.words, self.blocks = sorted(keys), sorted(words), blocks
        self.cases = [case for tree, text in zip(trees, self.texts, strict=True) for case in results_of(tree, text)]


def results_of(tree: dict, text: str):
    """Yield a contract with the results of each of its examples, as YAML and as CSV."""
    bare = {key: value for key, value in tree.items() if key != "examples"}
    spec = yaml.dump(bare, Dumper=Plain, sort_keys=False, allow_unicode=True)
    for example in tree.get("examples", [])[:4]:
        results, default = example.get("results") or {}, example.get("period", "")
        rows = [["metric", "cohort", "period", "value", "reported"]]
        full: dict = {}
        for metric, value in results.items():
            for keys, figure in leaves(value):
                # one key may be a cohort or a period: payfs tells by its name
                first, second = (*keys, "", "")[:2]
                rows.append([metric, first, second or default, figure, ""])
            one = isinstance(value, dict) and all(isinstance(figure, str) for figure in value.values())
            full[metric] = value
            if default and isinstance(value, str):
                full[metric] = {default: value}
            elif default and one:
                full[metric] = {name: {default: figure} for name, figure in value.items()}
        data: dict = {"results": full}
        if "corrections" in example:
            data["corrections"] = example["corrections"]
            rows += [[row.get(key, "") for key in rows[0]] for row in example["corrections"]]
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        yield spec, ("yaml", yaml.dump(data, Dumper=Plain, sort_keys=False, allow_unicode=True))
        yield spec, ("csv", out.getvalue())


def leaves(tree: object, keys: tuple[str, ...] = ()):
    """Yield the figures of a tree with their keys."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*keys, key))
    else:
        yield keys, tree


# -- runs


COMMAND = typer.main.get_command(cli.app)


class Hung(BaseException):
    """A run went on and on."""


def stop(*_: object) -> None:
    raise Hung


def run(*arguments: str) -> tuple[int | str, float]:
    """Run a command as the command line does.

    Returns:
        The exit status, or the traceback; and the seconds of the processor that it took.
    """
    out, err = io.StringIO(), io.StringIO()
    signal.setitimer(signal.ITIMER_REAL, STUCK)
    start = time.process_time()
    status: int | str = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            COMMAND(list(arguments))
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 0
    except (Exception, Hung):
        status = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    took = time.process_time() - start
    if status == 1 and not err.getvalue().strip() and "--json" not in arguments:
        status = "status 1, but nothing is said"
    if "Traceback" in out.getvalue() + err.getvalue():
        status = err.getvalue()
    return status, took


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


def once(number: int, corpus: Corpus, folder: Path) -> tuple[tuple[str, ...], int | str, float]:
    """Make one run: its arguments, its status, and how long it took."""
    mutator = Mutator(SEED * 1_000_003 + number, corpus)
    spec_file = folder / "x.yaml"
    if number % 2:
        write(spec_file, mutator.spec())
        command = ["read"] if number % 10 == 1 else ["check", "--json"] if number % 3 == 0 else ["check"]
        arguments = (*command, str(spec_file))
    else:
        spec, base = mutator.random.choice(corpus.cases)
        if number % 3 == 0:
            spec = mutator.changed(spec)
        kind, text = mutator.results(base) if number % 3 or mutator.random.random() < 0.3 else base
        results_file = folder / f"x-results.{kind}"
        write(spec_file, spec)
        write(results_file, text)
        command = mutator.random.choice((["pay"], ["pay", "--json"], ["explain"]))
        arguments = (*command, str(spec_file), "--results", str(results_file))
    return arguments, *run(*arguments)


def write(file: Path, text: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("block", range(RUNS // BLOCK))
def test_no_mutation_makes_a_traceback_or_a_hang(block, corpus, tmp_path):
    before = signal.signal(signal.SIGALRM, stop)
    try:
        for number in range(block * BLOCK, (block + 1) * BLOCK):
            arguments, status, took = once(number, corpus, tmp_path)
            files = {
                name: Path(name).read_text(errors="replace") for name in arguments if name.startswith(str(tmp_path))
            }
            assert status in (0, 1), f"run {number}: {arguments}\n{status}\n{files}"
            assert took < LONGEST, f"run {number} took {took:.1f} s: {arguments}\n{files}"
    finally:
        signal.signal(signal.SIGALRM, before)


# -- what is as large as it may be, or larger

HEAD = """\
contract: sample
title: A sample
currency: USD
parties:
  city: {name: City, role: outcome payer}
  provider: {name: Provider, role: service provider}
"""
YEARS = "periods:\n  2016: {from: 2016-01-01, to: 2016-12-31}\n  2017: {from: 2017-01-01, to: 2017-12-31}\n"
MONTHS = """\
periods:
  a: {every: month, from: 1900-01-01, to: 1999-12-31, paid: 3 business days after the period, roll: following}
  b: {every: month, from: 2000-01-01, to: 2099-12-31}
"""
DAYS = "metrics:\n  days: {unit: day}\n"
NAMES = [f"{year}-{month:02d}" for year in range(1900, 2100) for month in range(1, 13)]
IN_2016 = "metric,cohort,period,value\ndays,,2016,4000\n"
MONTHLY = "metric,cohort,period,value\n" + "".join(f"days,,{name},5\n" for name in NAMES)


def rules(*lines: str) -> str:
    return "rules:\n" + "".join(f"  {line}\n" for line in lines)


def listed(word: str, number: int, entry) -> str:
    return f"rules:\n  days:\n    {word}:\n" + "".join(f"      - {{{entry(n)}}}\n" for n in range(number))


def nested(deep: int) -> str:
    return "{all_of: [" * deep + "{metric: days, from: 1}" + "]}" * deep


def grown(growth: str) -> str:
    return (
        HEAD
        + MONTHS
        + DAYS
        + rules(f"days: {{price: {{starts_at: 100.123456789, {growth}, every: month, from: 1900-01-01}}}}")
    )


def examples(number: int, extra: str = "") -> str:
    each = "  - {{name: e{0}, period: 2016, results: {{days: {0}}}, {1}expect: {{total: {0}}}}}\n"
    return (
        HEAD
        + YEARS
        + DAYS
        + rules("days: {price: 1}")
        + "examples:\n"
        + "".join(each.format(n, extra) for n in range(number))
    )


LARGE = {  # the exit status, the contract and its results
    "2,400 months, to date": (0, HEAD + MONTHS + DAYS + rules("days: {price: 15.12, counts: to date}"), MONTHLY),
    "300 years of months": (
        1,
        HEAD + "periods:\n  a: {every: month, from: 1900-01-01, to: 2199-12-31}\n" + DAYS + rules("days: {price: 1}"),
        None,
    ),
    "50 cohorts in 1,200 months": (
        0,
        HEAD
        + "population: {cohorts: {" + ", ".join(f"c{n}: {{}}" for n in range(50)) + "}}\n"
        + MONTHS.splitlines()[0] + "\n" + MONTHS.splitlines()[1] + "\n" + DAYS + rules("days: {price: 15.12}"),
        "metric,cohort,period,value\n" + "".join(f"days,c{c},{name},{c}\n" for name in NAMES[:20] for c in range(50)),
    ),
    "5,000 tiers": (0, HEAD + YEARS + DAYS + listed("tiers", 5000, lambda n: f"from: {n}, pays: {n}"), IN_2016),
    "5,000 tiers that overlap": (1, HEAD + YEARS + DAYS + listed("tiers", 5000, lambda n: f"from: {n}, up_to: {n + 2}, pays: 1"), None),
    "5,000 tiers misspelt": (1, HEAD + YEARS + DAYS + listed("tiers", 5000, lambda n: f"form: {n}, pasy: {n}"), None),
    "5,000 points": (0, HEAD + YEARS + DAYS + listed("table", 5000, lambda n: f"at: {n * 7 + n % 3}, pays: {n * n}.{n % 97}"), IN_2016),
    "1,000 stages": (
        0,
        HEAD + YEARS + DAYS + listed("stages", 1000, lambda n: f"price: {n % 97 + 1}.{n + 1}, until_paid: {(n + 1) * 1000}") + "      - {price: 1}\n",
        IN_2016,
    ),
    "1,000 rules": (0, HEAD + YEARS + DAYS + rules(*(f"r{n}: {{metric: days, price: {n}}}" for n in range(1000))), IN_2016),
    "10,000 rules": (1, HEAD + YEARS + DAYS + rules(*(f"r{n}: {{metric: days, price: {n}}}" for n in range(10000))), None),
    "1,000 references misspelt": (1, HEAD + YEARS + DAYS + rules(*(f"rule{n}: {{part_of: [ruel{n}], share: 1%}}" for n in range(1000))), None),
    "1,000 rules in a circle": (1, HEAD + YEARS + DAYS + rules(*(f"r{n}: {{part_of: [r{(n + 1) % 1000}], share: 1%}}" for n in range(1000))), None),
    "rules that look at two others, and these at two": (
        1,
        HEAD + YEARS + DAYS
        + rules("r0: {metric: days, price: 1}", "r1: {part_of: [r0], share: 1%}", *(f"r{n}: {{part_of: [r{n - 1}, r{n - 2}], share: 50%}}" for n in range(2, 40))),
        IN_2016,
    ),
    "1,000 metrics in a chain": (
        0,
        HEAD + YEARS + DAYS + "  m0: {unit: day, sum: [days]}\n" + "".join(f"  m{n}: {{unit: day, sum: [m{n - 1}]}}\n" for n in range(1, 999)) + rules("m998: {price: 1}"),
        IN_2016,
    ),
    "a metric times itself, and again": (
        1,
        HEAD + YEARS + DAYS + "  m0: {unit: day, product: [days, days]}\n" + "".join(f"  m{n}: {{unit: day, product: [m{n - 1}, m{n - 1}]}}\n" for n in range(1, 60)) + rules("days: {price: 1}"),
        IN_2016,
    ),
    "a gate in a gate": (0, HEAD + YEARS + DAYS + rules(f"days: {{price: 1, gate: {nested(17)}}}"), IN_2016),
    "a gate too deep": (1, HEAD + YEARS + DAYS + rules(f"days: {{price: 1, gate: {nested(30)}}}"), None),
    "a wide gate": (
        0,
        HEAD + YEARS + DAYS + rules("days: {price: 1, gate: {any_of: [" + ", ".join(["{metric: days, from: 1}"] * 3000) + "]}}"),
        IN_2016,
    ),
    "15 digits and 9 decimals": (
        0,
        HEAD + YEARS + "metrics:\n  days: {unit: day, step: 0.000000001}\n" + rules("days: {price: 999999999999999.999999999}"),
        "metric,cohort,period,value\ndays,,2016,0.000000001\n",
    ),
    "small steps of large amounts": (
        0,
        HEAD + YEARS + "metrics:\n  days: {unit: money, step: 0.000000001}\n" + rules("days: {price: 33.333333333%}"),
        "metric,cohort,period,value\ndays,,2016,999999.999999999\n",
    ),
    "growth of next to nothing for 200 years": (0, grown("grows: 0.000000001%"), MONTHLY),
    "growth of 1% a month for 200 years": (1, grown("grows: 1%"), MONTHLY),
    "growth of 999999999999% a month": (1, grown("grows: 999999999999%"), MONTHLY),
    "growth of 999999999999% that nothing is paid at": (0, grown("grows: 999999999999%"), "metric,period,value\ndays,1900-01,5\n"),
    "one price by year for 200 years": (0, HEAD + MONTHS + DAYS + rules("days: {price: {by_year: {1900: 5}}}"), MONTHLY),
    "1,000 examples": (0, examples(1000), None),
    "500 examples with assumptions": (0, examples(500, "assuming: {title: Another}, "), None),
    "10,000 examples": (1, examples(10000), None),
    "100 amendments": (
        0,
        HEAD + MONTHS + DAYS + rules("days: {price: 1}") + "amendments:\n"
        + "".join(f"  - {{effective: {name}-01, what: x, changes: {{rules: {{days: {{price: {n}}}}}}}}}\n" for n, name in enumerate(NAMES[1:101])),
        MONTHLY,
    ),
    "keys that look alike": (1, HEAD + YEARS + DAYS + "rul\u0435s: {}\n" + rules("d\u0430ys: {metric: d\u0430ys, price: 1}"), None),
    "a megabyte of keys": (1, "".join(f"k{n}: x\n" for n in range(90_000)), None),
    "a header of a million cells": (1, HEAD + YEARS + DAYS + rules("days: {price: 1}"), "x," * 1_000_000 + "\n"),
    "a row of a million cells": (1, HEAD + YEARS + DAYS + rules("days: {price: 1}"), IN_2016 + "x," * 1_000_000 + "\n"),
    "a million blank rows": (1, HEAD + YEARS + DAYS + rules("days: {price: 1}"), IN_2016 + "\n" * 1_000_000),
    "the same row 90,000 times": (1, HEAD + YEARS + DAYS + rules("days: {price: 1}"), IN_2016 + "days,,2016,4000\n" * 90_000),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_nothing_is_too_large_to_be_answered(name, tmp_path):
    status, spec, results = LARGE[name]
    write(tmp_path / "x.yaml", spec)
    arguments = ["check", str(tmp_path / "x.yaml")]
    if results is not None:
        write(tmp_path / "x.csv", results)
        arguments = ["pay", str(tmp_path / "x.yaml"), "--results", str(tmp_path / "x.csv")]
    before = signal.signal(signal.SIGALRM, stop)
    try:
        got, took = run(*arguments)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert got == status
    assert took < 2 * LONGEST  # as large as a file may be


# -- claims

CLAIMS = Path(__file__).parent / "errors" / "claims"
BYTES = (
    b"",
    b",",
    b",,",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\xff",
    b";",
    b"\xef\xbb\xbf",
    b"2016-02-30",
    b"9" * 30,
    b"-1",
    b"east",
)


def claims(rng: random.Random) -> bytes:
    """Take a claims file, good or bad, and change some of its bytes, cells or rows."""
    text = rng.choice(sorted(CLAIMS.glob("*.csv"))).read_bytes() or b"person,cohort,outcome,date\n"
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:start] + rng.choice(BYTES) + text[start + rng.randint(0, 3) :]
        elif kind == 1:
            cells = text.split(b",")
            cells[rng.randrange(len(cells))] = rng.choice(NASTY).encode("utf-8", "surrogatepass")
            text = b",".join(cells)
        elif kind == 2:
            rows = text.split(b"\n")
            text = b"\n".join(rng.choices(rows, k=len(rows)))
        else:
            names = (b"person", b"cohort", b"outcome", b"date", b"to", b"units", b"start", b"reported", b"withdrawn")
            text = text.replace(rng.choice(names), rng.choice(names), rng.randint(1, 3))
    return text


@pytest.mark.parametrize("block", range(4))
def test_no_mutation_of_claims_makes_a_traceback_or_a_hang(block, tmp_path):
    before = signal.signal(signal.SIGALRM, stop)
    spec, file = str(CLAIMS / "contract.yaml"), tmp_path / "x.csv"
    try:
        for number in range(block * 150, (block + 1) * 150):
            rng = random.Random(SEED * 1_000_003 + number)
            file.write_bytes(claims(rng))
            more = rng.choice((["--json"], [])) if number % 3 else ["--claim", str(rng.randint(0, 9))]
            command = "pay" if number % 3 else "explain"
            status, took = run(command, spec, "--results", str(file), *more)
            assert status in (0, 1), f"run {number}\n{status}\n{file.read_bytes()!r}"
            assert took < LONGEST, f"run {number} took {took:.1f} s\n{file.read_bytes()!r}"
    finally:
        signal.signal(signal.SIGALRM, before)
