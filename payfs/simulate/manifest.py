"""The manifest of a run: everything from which it can be repeated to the last bit, without the files it came from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path as Folder
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from payfs import __version__
from payfs.contract import load_document
from payfs.simulate.draws import Draws
from payfs.simulate.run import Run
from payfs.simulate.scenario import Scenario, data_of, scenario_of
from payfs.simulate.worked import Worked
from payfs.text import Finding, Refused, decode, read_file, read_yaml

MANIFEST = "manifest.json"
MOST_BYTES = 100_000_000
PACKAGES = ("numpy", "scipy", "pyarrow")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Source(_Part):
    """A file that the run came from: its name, its fingerprint and its text."""

    file: str
    sha256: str
    text: str


class Manifest(_Part):
    """What a run was made of, and what came out.

    Attributes:
        payfs_manifest: the version of this form.
        scenario: the scenario file.
        contract: the contract file.
        histories: CSV files of values seen before, by their path from the scenario's folder.
        seed: of the draws.
        paths: how many.
        replicates: in how many independent parts.
        draws: sobol or random.
        versions: of payfs, Python and the packages that the bits depend on.
        machine: on which kind of machine it ran.
        columns: by label, the SHA-256 of its figures on all paths in their order, as 8 bytes each with the lowest
            first (1 byte for an event).
        files: by name, the SHA-256 of each file that was written.
        sha256: of all of this but itself, so that a change by hand is known as one.
    """

    payfs_manifest: Literal[1] = 1
    scenario: Source
    contract: Source
    histories: dict[str, Source]
    seed: Annotated[int, Field(ge=0)]
    paths: Annotated[int, Field(ge=1)]
    replicates: Annotated[int, Field(ge=1)]
    draws: Literal["sobol", "random"]
    versions: dict[str, str]
    machine: str
    columns: dict[str, str] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    sha256: str = ""

    def seal(self) -> str:
        """Return the SHA-256 of its content."""
        return fingerprint(json.dumps(self.model_dump(exclude={"sha256"}), sort_keys=True, ensure_ascii=False))

    def written(self) -> str:
        """Return it as JSON, sealed."""
        return json.dumps(self.model_dump() | {"sha256": self.seal()}, indent=2, ensure_ascii=False) + "\n"


def fingerprint(data: str | bytes) -> str:
    """Return the SHA-256 of a text in UTF-8, or of bytes."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def manifest_of(run: Run) -> Manifest:
    """Return what a run is made of.

    Raises:
        Refused: it was not read from files, or a history is no longer there.
    """
    scenario, draws = run.worked.scenario, run.draws
    for text, file in ((scenario.text, scenario.file), (scenario.contract.text, scenario.contract.file)):
        if not text:
            what = "this was not read from a file, so that no manifest can repeat the run"
            raise Refused([Finding(what, "save it, and simulate the file", file=file)])
    return Manifest(
        scenario=_source(scenario.file, scenario.text),
        contract=_source(scenario.contract.file, scenario.contract.text),
        histories=dict(_histories(scenario)),
        seed=draws.seed,
        paths=draws.paths,
        replicates=draws.replicates,
        draws=draws.how,
        versions=versions(),
        machine=f"{platform.system()} {platform.machine()}",
    )


def versions() -> dict[str, str]:
    """Return the versions on which the bits of a run depend."""
    return {
        "payfs": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def read_manifest(folder: str | Folder) -> Manifest:
    """Read the manifest of a folder that a run was saved to.

    Raises:
        Refused: there is none, or it is not as it was written.
    """
    file = str(Folder(folder) / MANIFEST)
    text = decode(read_file(file, MOST_BYTES), file)
    remedy = "name a folder that payfs simulate --out wrote, or make the run again"
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        what = f"{place} is missing or cannot be read" if place else "this is no manifest"
        raise Refused([Finding(f"{what}, so that the run cannot be repeated", remedy, file=file)]) from None
    changed = [
        Finding(f"the text of {source.file} was changed after the run", remedy, file=file)
        for source in (manifest.scenario, manifest.contract, *manifest.histories.values())
        if fingerprint(source.text) != source.sha256
    ]
    if not changed and manifest.sha256 != manifest.seal():
        changed = [Finding("the manifest was changed by hand after the run", remedy, file=file)]
    if changed:
        raise Refused(changed)
    return manifest


def repeat(manifest: Manifest) -> Run:
    """Return the run of a manifest, ready to be worked out again.

    Raises:
        Refused: this version of payfs does not accept its contract or its scenario.
    """
    contract = load_document(read_yaml(manifest.contract.text, manifest.contract.file), manifest.contract.text)
    text = manifest.scenario.text
    with TemporaryDirectory() as name:
        folder = Folder(name)
        for path, source in manifest.histories.items():
            place = folder / path
            if not place.resolve().is_relative_to(folder.resolve()):
                what = f"the history {path!r} lies outside the folder of the scenario"
                raise Refused([Finding(what, "make the run again", file=MANIFEST)])
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source.text, encoding="utf-8", newline="")
        # histories are read beside the scenario; without any, what is wrong is told of the file by its own name
        file = str(folder / manifest.scenario.file) if manifest.histories else manifest.scenario.file
        scenario = scenario_of(read_yaml(text, file), text, contract)
    columns = scenario.columns
    draws = Draws(manifest.seed, columns, manifest.paths, manifest.replicates, manifest.draws)
    return Run(Worked(scenario), draws)


def _source(file: str, text: str) -> Source:
    return Source(file=Folder(file).name, sha256=fingerprint(text), text=text)


def _histories(scenario: Scenario) -> Iterator[tuple[str, Source]]:
    folder = Folder(scenario.file).parent
    for path in dict.fromkeys(_named(data_of(scenario))):
        file = str(folder / path)
        yield path, _source(path, decode(read_file(file, MOST_BYTES), file))


def _named(data: Any) -> Iterator[str]:
    """Yield the files of histories that a scenario names, wherever they stand in it."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "bootstrap" and isinstance(value, Mapping) and isinstance(value.get("file"), str):
                yield value["file"]
            else:
                yield from _named(value)
    elif isinstance(data, list):
        for value in data:
            yield from _named(value)
