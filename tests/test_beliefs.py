"""Beliefs: figures, sentences and blocks, the distributions that they stand for, and what is refused."""

import itertools
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from payfs.simulate.belief import KINDS, Believed, placed, read_belief, resolve, said
from payfs.spec import Spec
from payfs.text import MOST_FINDINGS, Refused, read_yaml

law = settings(max_examples=60, deadline=None, derandomize=True, database=None)


class Scenario(Spec):
    p: Believed


def read(text: str, folder: Path = Path()):
    """Read a belief as it stands in a file."""
    return Scenario.model_validate(read_yaml(f"p: {text}\n", "s.yaml").data).p


def drawn(text: str, folder: Path = Path()):
    return resolve(read(text), folder)


def found(text: str, folder: Path = Path()) -> list[str]:
    """Return what is wrong with a belief, as a scenario tells it."""
    document = read_yaml(f"p: {text}\n", "s.yaml")
    try:
        belief = Scenario.model_validate(document.data).p
        resolve(belief, folder)
    except ValidationError as error:
        details = error.errors(include_url=False)
        assert {detail["type"] for detail in details} == {"payfs"}  # so that no other words can get in
        return [
            str(document.finding(detail["loc"], detail["ctx"]["what"], detail["ctx"]["remedy"])) for detail in details
        ]
    except Refused as refused:
        return [str(finding) for finding in placed(refused, document, ("p",))]
    return []


def summary(text: str):
    """Return the quartiles in between, to five digits."""
    return [float(f"{x:.5g}") for x in drawn(text).quantile(np.array([0.25, 0.5, 0.75]))]


BLOCKS = {
    "{normal: {mean: 30%, sd: 12%}}": stats.norm(0.3, 0.12),
    "{lognormal: {median: 5, sd of log: 0.4}}": stats.lognorm(0.4, scale=5),
    "{beta: {a: 5, b: 1}}": stats.beta(5, 1),
    "{beta: {a: 2, b: 3, least: 10, most: 60}}": stats.beta(2, 3, 10, 50),
    "{beta: {a: 2, b: 3, least: 20%}}": stats.beta(2, 3, 0.2, 0.8),
    "{beta: {mean: 80%, sd: 10%}}": stats.beta(12, 3),
    "{beta: {mean: 20, sd: 4, most: 100}}": stats.beta(19.8, 79.2, 0, 100),
    "{triangular: {least: 1, most likely: 2, most: 5}}": stats.triang(0.25, 1, 4),
    "{pert: {least: 1, most likely: 2, most: 5}}": stats.beta(2, 4, 1, 4),
    "{uniform: {least: 1, most: 5}}": stats.uniform(1, 4),
    "{binomial: {of: 300, chance: 60%}}": stats.binom(300, 0.6),
    "{poisson: {mean: 12.5}}": stats.poisson(12.5),
    "{negative binomial: {mean: 12, sd: 6}}": stats.nbinom(6, 1 / 3),
    "{negative binomial: {successes: 10, chance: 2/5}}": stats.nbinom(10, 0.4),
}


@pytest.mark.parametrize(("text", "theirs"), BLOCKS.items())
def test_a_block_is_the_distribution_that_it_names(text, theirs):
    ours = drawn(text)
    u = np.linspace(0.013, 0.991, 50)
    assert ours.quantile(u) == pytest.approx(theirs.ppf(u), rel=1e-9)
    assert ours.percent == ("%" in text.split("chance")[0])


def test_a_lognormal_has_the_mean_and_sd_that_are_written():
    ours = drawn("{lognormal: {mean: 5, sd: 2}}")
    assert (ours.mean, ours.sd) == pytest.approx((5, 2))


def test_a_plain_figure_is_certain():
    for text, value, percent, whole in (
        ("300", 300, False, True),
        ("1,234.5", 1234.5, False, False),
        ("38%", 0.38, True, False),
    ):
        ours = drawn(text)
        assert ours.quantile(np.array([0.0, 0.3, 1.0])).tolist() == [value] * 3
        assert (ours.mean, ours.sd, ours.least, ours.most) == (value, 0, value, value)
        assert (ours.percent, ours.whole) == (percent, whole)


def test_a_few_values_have_the_chances_that_are_written():
    ours = drawn("{discrete: {30%: 20%, 0: 7/10, 90%: 0.1}}")
    assert ours.values.tolist() == [0, 0.3, 0.9]
    assert ours.upto.tolist() == [0.7, 0.9, 1]
    assert ours.percent
    assert drawn("{discrete: {0: 70%, 30: 20%, 90: 10%}}").whole


# -- sentences

RANGES = {
    "between 60% and 85%": (0.6, 0.85, 0.9, None),
    "between 60% and 85%, nine times in ten": (0.6, 0.85, 0.9, None),
    "Between 60% and 85%, Nine Times Out Of Ten.": (0.6, 0.85, 0.9, None),
    "between 60% and 85%, 8 times in 10": (0.6, 0.85, 0.8, None),
    "between 60% and 85%, four times in five": (0.6, 0.85, 0.8, None),
    "between 60% and 85%, 95% of the time": (0.6, 0.85, 0.95, None),
    "between 60% and 85%, 99.9 % of the time": (0.6, 0.85, 0.999, None),
    "between 60% and 85%, nineteen times in twenty": (0.6, 0.85, 0.95, None),
    "between 60% and 85%, ninety-five times in a hundred": (0.6, 0.85, 0.95, None),
    "between 60% and 85%, nine times in ten, most likely 75%": (0.6, 0.85, 0.9, 0.75),
    "between 60% and 85%, most likely 62%, two times in three": (0.6, 0.85, 2 / 3, 0.62),
    "between 60% and 85%, most likely 60%": (0.6, 0.85, 0.9, 0.6),
    "between 60% and 85%, most likely 85%": (0.6, 0.85, 0.9, 0.85),
    "between 1,200 and 1,500, most likely 1,450": (1200, 1500, 0.9, 1450),
    "between -20 and 0, most likely -3": (-20, 0, 0.9, -3),
}


@pytest.mark.parametrize(("text", "meant"), RANGES.items())
def test_a_sentence_keeps_its_promise(text, meant):
    low, high, chance, likely = meant
    ours = drawn(text)
    below, upto = ours.cdf(np.array([low, high]))
    assert upto - below == pytest.approx(chance, abs=1e-12)
    assert below == pytest.approx(1 - upto, abs=1e-12)
    if likely is not None:
        near = np.linspace(-1, 1, 201) * (high - low) / 50 + likely
        width = (high - low) * 1e-4
        density = ours.cdf(near + width) - ours.cdf(near - width)
        assert near[np.argmax(density)] == pytest.approx(likely, abs=(high - low) / 1000)
        assert ours.mode == likely
    assert ours.percent == ("%" in text.split(",")[0])


def test_a_range_without_a_most_likely_value_is_a_normal():
    theirs = stats.norm(0.725, 0.125 / stats.norm.ppf(0.95))
    u = np.linspace(0.01, 0.99, 33)
    assert drawn("between 60% and 85%").quantile(u) == pytest.approx(theirs.ppf(u), rel=1e-12)


def test_a_range_can_be_cut():
    whole, cut = (
        drawn("between 60% and 95%, most likely 90%"),
        drawn("\n  between: 60% and 95%, most likely 90%\n  at_most: 100%"),
    )
    x = np.array([0.5, 0.8, 0.95, 1.0])
    assert cut.cdf(x) == pytest.approx(whole.cdf(x) / whole.cdf(np.array(1.0)), abs=1e-13)


def test_what_is_cut_is_drawn_anew_and_not_moved_to_the_end():
    ours = drawn("{normal: {mean: 30%, sd: 12%}, at_least: 20%, at_most: 40%}")
    theirs = stats.truncnorm(-10 / 12, 10 / 12, 0.3, 0.12)
    u = np.linspace(0.01, 0.99, 33)
    assert ours.quantile(u) == pytest.approx(theirs.ppf(u), rel=1e-10)
    assert (ours.mean, ours.sd, ours.least, ours.most) == pytest.approx((0.3, theirs.std(), 0.2, 0.4))
    assert drawn("{poisson: {mean: 3}, at_least: 1}").least == 1


figure = st.integers(-10_000, 10_000)


@law
@given(figure, figure, figure, st.integers(1, 99), st.sampled_from(["", "%"]))
def test_every_range_in_order_is_kept_as_often_as_is_said(x, y, z, hundredths, sign):
    low, likely, high = sorted((x, y, z))
    if low == high:
        return
    text = f"between {low}{sign} and {high}{sign}, {hundredths} times in 100, most likely {likely}{sign}"
    ours = resolve(read_belief(text), Path())
    worth = 100 if sign else 1
    below, upto = ours.cdf(np.array([low, high]) / worth)
    assert (below, 1 - upto) == pytest.approx(((100 - hundredths) / 200,) * 2, abs=1e-9)
    assert said(read_belief(said(read_belief(text)))) == said(read_belief(text))


# -- said

SAID = {
    "300": "exactly 300",
    "38%": "exactly 38%",
    "between 10% and 45%": "between 10% and 45%, nine times in ten",
    "between 10% and 45%, most likely 30%, 19 times in 20": "between 10% and 45%, 95% of the time, most likely 30%",
    "between 1 and 2, two times in three": "between 1 and 2, 2 times in 3",
    "between 1 and 2, 10% of the time": "between 1 and 2, one time in ten",
    "{between: '10% and 45%', at_least: 0}": "between 10% and 45%, nine times in ten, not below 0",
    "{normal: {mean: 30%, sd: 12%}, at_least: -20%}": "normal with mean 30% and standard deviation 12%, not below -20%",
    "{lognormal: {mean: 5, sd: 2}, at_most: 9}": "lognormal with mean 5 and standard deviation 2, not above 9",
    "{lognormal: {median: 5, sd of log: 0.4}}": ("lognormal with median 5 and standard deviation of the logarithm 0.4"),
    "{beta: {a: 5, b: 1.5}}": "beta with a = 5 and b = 1.5",
    "{beta: {mean: 20, sd: 4, most: 100}}": "beta with mean 20 and standard deviation 4 between 0 and 100",
    "{triangular: {least: 1, most likely: 2, most: 5}}": "triangular from 1 to 5, most likely 2",
    "{pert: {least: 1, most likely: 2, most: 5}}": "PERT from 1 to 5, most likely 2",
    "{uniform: {least: 1, most: 5}}": "anything from 1 to 5, each as likely",
    "{binomial: {of: 1200, chance: 2/3}}": "how many of 1,200 succeed, each with a chance of 2/3",
    "{poisson: {mean: 12}}": "Poisson with mean 12",
    "{negative binomial: {mean: 12, sd: 6}}": "negative binomial with mean 12 and standard deviation 6",
    "{negative binomial: {successes: 10, chance: 40%}}": "how many fail before 10 succeed, each with a chance of 40%",
    "{discrete: {0: 70%, 30: 20%, 90: 10%}}": (
        "0 with a chance of 70%, 30 with a chance of 20% or 90 with a chance of 10%"
    ),
    "{discrete: {7: 100%}}": "7 with a chance of 100%",
    "{bootstrap: {file: h.csv, column: reduction}}": "one of the values of 'reduction' in h.csv, each as likely",
}


@pytest.mark.parametrize(("text", "phrase"), SAID.items())
def test_a_belief_is_said_in_english(text, phrase):
    assert said(read(text)) == phrase


def test_a_long_list_of_values_is_said_in_part():
    phrase = said(read("{discrete: {" + ", ".join(f"{place}: 1/20" for place in range(20)) + "}}"))
    assert phrase.startswith("0 with a chance of 5%, 1 with")
    assert phrase.endswith("10 with a chance of 5% or one of 9 other values")


# -- history


def written(folder: Path, text: str, column: str = "reduction") -> str:
    """Write a file of history and return the belief that reads it."""
    (folder / "history.csv").write_text(text, encoding="utf-8")
    return f"{{bootstrap: {{file: history.csv, column: {column}}}}}"


@pytest.fixture
def history(tmp_path):
    return partial(written, tmp_path)


def test_values_that_were_seen_are_read_beside_the_scenario(history, tmp_path):
    text = history("\ufeffyear, reduction\n2019,30%\n\n2020,0\n2021,-2.5 %\n2022,30%\n")
    ours = drawn(text, tmp_path)
    assert ours.values.tolist() == [-0.025, 0, 0.3]
    assert ours.chances.tolist() == [0.25, 0.25, 0.5]
    assert ours.percent
    cut = drawn(text[:-1] + ", at_least: 0%}", tmp_path)
    assert cut.chances == pytest.approx([1 / 3, 2 / 3])
    assert drawn(history("a,n\nx,3\ny,5\n", "n"), tmp_path).whole


def told(text: str, folder: Path) -> list[str]:
    return [line.replace(f"{folder}/", "") for line in found(text, folder)]


BAD_CELLS = 'year,reduction\n2019,30%\n2020,n/a\n2021,25\n2022\n2023,\n2024,"1,000"\n2025,３%\n'


def test_a_bad_cell_is_told_with_its_line(history, tmp_path):
    text = history(BAD_CELLS)
    write = "write plain digits such as 1234.56, or 38% for a percentage: at most 15 digits and 9 decimals"
    assert told(text, tmp_path) == [
        f"history.csv:3: 'n/a' is not a number; {write}",
        "history.csv:4: 25 has no percent sign, but 30% on line 2 has one; write all with the sign, or all without",
        "history.csv:5: the row has 1 cell, the first row 2; give every row one cell for each column",
        f"history.csv:6: the value is empty; {write}",
        f"history.csv:7: '1,000' is not a number; {write}",
        f"history.csv:8: '３%' is not a number; {write}",
    ]


def test_of_very_many_bad_cells_the_first_are_told(history, tmp_path):
    lines = told(history("reduction\n" + "x\n" * 5000), tmp_path)
    assert len(lines) == MOST_FINDINGS + 1
    assert lines[-1] == "history.csv: more than 100 findings; correct these first"


HISTORIES = {
    "": "s.yaml:1:17: p.bootstrap.file: 'history.csv' is empty; "
    "give a row with the names of the columns, and rows of values",
    "reduction\n": "s.yaml:1:17: p.bootstrap.file: 'history.csv' has no rows below the names of its columns; "
    "give a row for each value",
    "year,reductoin\n1,2\n": "s.yaml:1:36: p.bootstrap.column: 'history.csv' has no column 'reduction'; "
    "did you mean 'reductoin'",
    "a;b\n1;2\n": "s.yaml:1:36: p.bootstrap.column: 'history.csv' has no column 'reduction'; "
    "its first row has to name the columns, with commas between them",
    "reduction,reduction\n1,2\n": "s.yaml:1:36: p.bootstrap.column: 'history.csv' has two columns 'reduction'; "
    "give each its own name",
    'reduction\n"1\n': "history.csv:2: a quotation mark is opened and never closed; close it, or take it out",
    "reduction\n1\x002\n": "history.csv:2:2: the text holds a character that cannot be seen (U+0000); "
    "save it as plain text in UTF-8",
}


@pytest.mark.parametrize(("text", "line"), HISTORIES.items())
def test_a_file_without_values_is_refused(text, line, history, tmp_path):
    assert told(history(text), tmp_path) == [line]


def test_a_file_that_is_not_there_is_refused(history, tmp_path):
    history("reduction\n1\n")
    (tmp_path / "folder").mkdir()
    outside = "lies outside the folder of the scenario; put the file beside the scenario, or in a folder beside it"
    for name, what in {
        "hstory.csv": "'hstory.csv': there is no such file; did you mean 'history.csv'",
        "folder": "'folder': this is a folder, not a file; name a file in it",
        "../history.csv": f"'../history.csv' {outside}",
        "/etc/passwd": f"'/etc/passwd' {outside}",
    }.items():
        text = f"{{bootstrap: {{file: {name}, column: reduction}}}}"
        assert told(text, tmp_path) == [f"s.yaml:1:17: p.bootstrap.file: {what}"]


def test_no_link_leads_out_of_the_folder(tmp_path):
    inside = tmp_path / "scenarios"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("reduction\n1\n", encoding="utf-8")
    (inside / "link.csv").symlink_to("../secret.csv")
    (inside / "loop.csv").symlink_to("loop.csv")
    for name, what in ("link.csv", "lies outside the folder"), ("loop.csv", "cannot be read"):
        (line,) = found(f"{{bootstrap: {{file: {name}, column: reduction}}}}", inside)
        assert what in line


def test_a_bound_is_written_as_the_values_of_the_file_are(history, tmp_path):
    text = history("reduction\n30%\n")[:-1]
    assert told(text + ", at_least: 1}", tmp_path) == [
        "s.yaml:1:56: p.at_least: 1 has no percent sign, but the values in the file have one; write it as the file does"
    ]
    assert told(text + ", at_least: 31%}", tmp_path) == [
        "s.yaml:1:56: p.at_least: at_least leaves nothing of the distribution; leave more of it"
    ]


# -- refusals
def sample(name: str) -> list[tuple[str, list[str]]]:
    """Read beliefs, each with what is wrong with it on the indented lines that follow."""
    cases: list[tuple[str, list[str]]] = []
    for line in (Path(__file__).parent / "errors" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            cases[-1][1].append(line.strip())
        else:
            cases.append((line, []))
    return cases


@pytest.mark.parametrize(("text", "lines"), sample("beliefs.txt"))
def test_what_cannot_be_drawn_from_is_refused(text, lines):
    assert [line.removeprefix("s.yaml:1:") for line in found(text)] == lines != []


LONG = "between 1 and 2" + ", nine times in ten" * 1000


def test_a_long_text_is_no_sentence():
    assert found(LONG) == [
        "s.yaml:1:1: p: the sentence 'between 1 and 2, nine times in ten, n...' has more than 200 letters; "
        "say between what and what"
    ]


def run_samples(folder: Path) -> None:
    """Run every sample, so that tests/test_errors.py can see that each message has one."""
    for text, _ in sample("beliefs.txt"):
        found(text)
    found(LONG)
    for text in (*HISTORIES, BAD_CELLS):
        found(written(folder, text), folder)
    found(written(folder, "reduction\n30%\n")[:-1] + ", at_least: 1}", folder)
    for name in "there-is-none.csv", "../history.csv":
        found(f"{{bootstrap: {{file: {name}, column: reduction}}}}", folder)


@pytest.mark.parametrize("number", ["999999999999999", "0.000000001"])
def test_the_largest_and_the_smallest_numbers_are_drawn_or_refused_in_a_moment(number):
    begun = time.monotonic()
    known = 0
    for a, b in itertools.permutations([number, "1", "2.5"], 2):
        for text in (
            f"between {a} and {b}, most likely {a}",
            f"{{normal: {{mean: {a}, sd: {b}}}, at_least: {a}}}",
            f"{{lognormal: {{mean: {a}, sd: {b}}}}}",
            f"{{lognormal: {{median: {a}, sd of log: {b}}}, at_most: {a}}}",
            f"{{beta: {{a: {a}, b: {b}}}}}",
            f"{{beta: {{mean: {a}, sd: {b}, most: 999999999999999}}}}",
            f"{{pert: {{least: 0, most likely: {a}, most: {b}}}}}",
            f"{{triangular: {{least: 0, most likely: {a}, most: {b}}}, at_most: {b}}}",
            f"{{uniform: {{least: {a}, most: {b}}}}}",
            f"{{poisson: {{mean: {a}}}}}",
            f"{{binomial: {{of: {a.split('.')[0]}, chance: 0.000000001}}}}",
            f"{{negative binomial: {{mean: {a}, sd: {b}}}}}",
            f"{{negative binomial: {{successes: {a.split('.')[0]}, chance: {'0.1' if a > '1' else a}}}}}",
        ):
            if found(text):
                continue
            ours = drawn(text)
            x = ours.quantile(np.array([1e-9, 0.1, 0.5, 0.9, 1 - 1e-9]))
            assert np.isfinite(x).all(), text
            assert (np.diff(x) >= 0).all(), text
            assert np.isfinite([ours.mean, ours.sd]).all(), text
            known += 1
    assert known > 30
    assert time.monotonic() - begun < 20


def test_no_text_makes_reading_fail():
    rng = np.random.default_rng(5)
    words = [
        "between",
        "and",
        ",",
        " ",
        "60%",
        "1",
        "-",
        "most likely",
        "times in",
        "ten",
        "of the time",
        ".",
        "é",
        "٣",
    ]
    for _ in range(2000):
        text = "".join(rng.choice(words, rng.integers(1, 12)))
        with suppress(ValidationError):
            said(read_belief(text))


@law
@given(
    st.recursive(
        st.sampled_from(["", "1", "30%", "x", "-5", "between 1 and 2", "1e400"]),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from([*KINDS, "at_least", "at_most", "mean", "sd", "a", "b", "least", "most", "1", "2%"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
def test_whatever_stands_there_is_read_or_refused(value):
    kinds = {"payfs"}
    try:
        said(read_belief(value))
    except ValidationError as error:
        kinds = {detail["type"] for detail in error.errors()}
    assert kinds == {"payfs"}


def test_a_belief_that_was_read_can_be_given_again():
    belief = read("{normal: {mean: 30%, sd: 12%}}")
    assert read_belief(belief) is belief
    assert Scenario(p=belief).p == read("{normal: {mean: 30%, sd: 12%}}")
    assert len({belief, read("{normal: {mean: 30%, sd: 12%}}")}) == 1


def test_the_schema_takes_what_can_be_read():
    from jsonschema import Draft202012Validator

    schema = Draft202012Validator(Scenario.model_json_schema())
    for text in [*BLOCKS, *RANGES, *SAID]:
        assert schema.is_valid(read_yaml(f"p: {text}\n", "s.yaml").data), text
    for text in "{norml: {mean: 3}}", "{normal: 5}", "{normal: {mean: 3, sd: 1, x: 1}}", "[1]", "{}":
        assert not schema.is_valid(read_yaml(f"p: {text}\n", "s.yaml").data), text
