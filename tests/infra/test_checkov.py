"""`make checkov`: every finding is explained on its resource, no explanation is left over, and a new one fails it."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.operations import TABLE_VARIABLES, Need
from local.failure import LocalCloudError
from tests.infra.every import every_stage
from tests.infra.stages import PROD, Stage
from tests.scaffolding.template import template
from tests.templates.checkov import __main__ as command
from tests.templates.checkov.second_opinion import Opinion, opinions

_SHORTEST_REASON = len("CloudWatch encrypts them with its own key.")
_SETTINGS = {
    "POWERTOOLS_SERVICE_NAME",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_LOG_LEVEL",
    "PYDANTIC_DISABLE_PLUGINS",
}
_QUEUES = {"DEAD_LETTER_QUEUE", "CHANGES_QUEUE"}


def _written(folder: Path, content: dict[str, Any]) -> Path:
    folder.mkdir()
    file = folder / "Platform.template.json"
    file.write_text(json.dumps(content, indent=1))
    return file


def _unexplained(content: dict[str, Any]) -> dict[str, Any]:
    """The template without what its resources explain."""
    without = {
        name: {**resource, "Metadata": {**resource.get("Metadata", {}), "checkov": {}}}
        for name, resource in content["Resources"].items()
    }
    return {**content, "Resources": without}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[Opinion]:
    """What checkov says of `prod` as it is, and with nothing explained."""
    folder = tmp_path_factory.mktemp("checkov")
    bare = _written(folder / "bare", _unexplained(template("prod")))
    return opinions([PROD.assembly / "Platform.template.json", bare])


def test_every_finding_is_explained_and_every_explanation_has_its_finding(said: list[Opinion]) -> None:
    as_it_is, bare = said
    assert as_it_is.failed == {}
    assert set(as_it_is.skipped) == set(bare.failed)
    assert as_it_is.passed == bare.passed > 500


def test_every_explanation_gives_a_reason(said: list[Opinion]) -> None:
    assert [reason for reason in said[0].skipped.values() if len(reason) < _SHORTEST_REASON] == []


def test_a_new_resource_with_a_known_finding_is_a_new_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command, for the stages whose templates it would find."""
    careless = {"Careless": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "careless"}}}
    file = _written(tmp_path / "careless", {"Resources": careless})
    monkeypatch.setattr(command, "assembly", lambda _: file.parent)
    monkeypatch.setattr(command, "STAGES", ("dev",))
    with pytest.raises(SystemExit, match="explain it on its resource"):
        command.main()
    assert "Careless fails CKV_AWS_27" in capsys.readouterr().out


def test_what_checkov_can_not_read_is_no_clean_template(tmp_path: Path) -> None:
    file = tmp_path / "Platform.template.json"
    file.write_text("{}")
    with pytest.raises(LocalCloudError, match="checkov can't tell"):
        opinions([file])


@every_stage
def test_a_functions_variables_are_names_addresses_and_settings(stage: Stage) -> None:
    """A secret would need encryption; CKV_AWS_173 is skipped because there is none."""
    known = {*Need, *TABLE_VARIABLES.values(), *_SETTINGS, *_QUEUES}
    told = {
        name
        for function in stage.all("AWS::Lambda::Function").values()
        for name in function["Environment"]["Variables"]
    }
    assert told <= known
