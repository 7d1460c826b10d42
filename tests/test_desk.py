"""Drafts in versions, and what was typed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from payfs.desk import Desk
from payfs.text import Refused


def test_a_draft_is_kept_in_versions_and_nothing_is_replaced(tmp_path):
    desk = Desk(tmp_path, "ann")
    assert desk.drafts() == []
    assert desk.save("homes", "one\r\n", "first") == 1
    assert desk.save("homes", "two — ü\n") == 2
    assert desk.save("homes", "two — ü\n") == 2
    assert desk.read("homes", 1) == "one\r\n"
    assert desk.read("homes") == "two — ü\n"
    assert [(one.number, one.note) for one in desk.versions("homes")] == [(1, "first"), (2, "")]
    assert [(one.name, one.versions) for one in desk.drafts()] == [("homes", 2)]


def test_two_windows_that_save_at_once_lose_nothing(tmp_path):
    texts = [f"text {number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: Desk(tmp_path, "ann").save("homes", text), texts))
    desk = Desk(tmp_path, "ann")
    kept = [desk.read("homes", one.number) for one in desk.versions("homes")]
    assert sorted(kept) == sorted(texts)


def test_nobody_finds_what_is_on_the_desk_of_another(tmp_path):
    Desk(tmp_path, "ann").save("homes", "secret")
    Desk(tmp_path, "ann").keep_typed("draft", {"text": "secret"})
    for other in ("Ann", "ann ", "../ann", "bob", ""):
        desk = Desk(tmp_path, other)
        assert desk.drafts() == []
        assert desk.typed("draft") == {}
        with pytest.raises(Refused, match="you have no draft 'homes'"):
            desk.read("homes")


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "x" * 200, "a\0b", "-a", "a."])
def test_a_name_that_cannot_be_one_is_refused(tmp_path, name):
    with pytest.raises(Refused, match="cannot be a draft's name"):
        Desk(tmp_path, "ann").save(name, "text")
    assert not list(tmp_path.rglob("*.yaml"))


def test_names_that_a_file_system_folds_together_are_two_drafts(tmp_path):
    desk = Desk(tmp_path, "ann")
    desk.save("Homes", "large")
    desk.save("homes", "small")
    desk.save("ho-mes", "with")
    desk.save("ho mes", "without")
    assert [desk.read(name) for name in ("Homes", "homes", "ho-mes", "ho mes")] == ["large", "small", "with", "without"]


def test_what_is_too_much_is_refused_and_nothing_of_it_is_kept(tmp_path):
    desk = Desk(tmp_path, "ann")
    with pytest.raises(Refused, match="more than 1,000,000 bytes"):
        desk.save("homes", "x" * 1_000_001)
    with pytest.raises(Refused, match="too much to be kept"):
        desk.keep_typed("draft", {"text": "x" * 4_000_001})
    assert desk.drafts() == []
    assert desk.typed("draft") == {}


def test_a_version_that_is_not_there_is_refused(tmp_path):
    desk = Desk(tmp_path, "ann")
    desk.save("homes", "one")
    for number in (0, 2, -1):
        with pytest.raises(Refused, match=f"no version {number}; choose one of 1 to 1"):
            desk.read("homes", number)


def test_what_was_typed_is_found_again_and_can_be_forgotten(tmp_path):
    desk = Desk(tmp_path, "ann")
    desk.keep_typed("scenarios denver-sib", {"people": "60", "rows": [["a", "1.10"]]})
    assert Desk(tmp_path, "ann").typed("scenarios denver-sib") == {"people": "60", "rows": [["a", "1.10"]]}
    assert desk.typed("scenarios utah") == {}
    desk.forget_typed("scenarios denver-sib")
    desk.forget_typed("scenarios denver-sib")
    assert desk.typed("scenarios denver-sib") == {}


@pytest.mark.parametrize("broken", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_cannot_be_read_any_more_is_as_if_nothing_was_typed(tmp_path, broken):
    desk = Desk(tmp_path, "ann")
    desk.keep_typed("draft", {"text": "x"})
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(broken)
    assert desk.typed("draft") == {}


def test_nobody_fills_a_disk_with_drafts(tmp_path, monkeypatch):
    monkeypatch.setattr("payfs.desk.MOST_DRAFTS", 2)
    monkeypatch.setattr("payfs.desk.MOST_VERSIONS", 2)
    desk = Desk(tmp_path, "ann")
    for name in ("one", "two"):
        desk.save(name, "text")
    with pytest.raises(Refused, match="you keep 2 drafts already; go on with one of them"):
        desk.save("three", "text")
    desk.save("one", "more")
    with pytest.raises(Refused, match="the draft has 2 versions; go on under a new name"):
        desk.save("one", "even more")
    assert desk.read("one") == "more"
