"""cdk-nag: every stage is clean, every exception has its reason, and what is not clean is not synthesized."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from infra.platform_stack import PlatformStack
from infra.standards.guardrails import add_guardrails
from tests.infra.every import every_stage
from tests.infra.stages import CONTEXT, LOCAL, Stage, settings_with
from tests.scaffolding.template import alone_in_build

_SHORTEST_REASON = len("The contract is public.")


def _report(stage: Stage) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((stage.assembly / "validation-report.json").read_text())
    [of_plugin] = report["pluginReports"]
    return dict(of_plugin)


def _acknowledgements(stage: Stage) -> Iterator[tuple[str, str, str]]:
    """Place, rule and reason of everything that guardrails.py explains."""
    metadata = json.loads((stage.assembly / "Platform.metadata.json").read_text())
    for place, entries in metadata.items():
        for entry in entries:
            if entry["type"] == "aws:cdk:acknowledged-rules":
                for rule, reason in entry["data"].items():
                    yield place.removeprefix("/"), rule, reason


@every_stage
def test_a_stage_has_no_finding_that_is_not_explained(stage: Stage) -> None:
    report = _report(stage)
    assert report["pluginName"] == "AwsSolutions"
    assert (report["conclusion"], report["violations"]) == ("success", [])


@every_stage
def test_every_explanation_gives_a_reason(stage: Stage) -> None:
    explained = list(_acknowledgements(stage))
    assert explained
    assert [each for each in explained if len(each[2]) < _SHORTEST_REASON] == []


def _explained_findings(stage: Stage) -> dict[tuple[str, str], int]:
    """How many resources each explanation, by place and rule, excuses."""
    return {
        (finding["acknowledgedAt"], finding["acknowledgedId"]): len(finding["violatingConstructs"])
        for finding in _report(stage)["suppressedViolations"]
    }


@every_stage
def test_an_explanation_is_of_one_resource(stage: Stage) -> None:
    assert [explained for explained, resources in _explained_findings(stage).items() if resources != 1] == []
    assert [place for place, _ in _explained_findings(stage) if place.count("/") < 2] == []


@every_stage
def test_an_explanation_goes_when_its_finding_goes(stage: Stage) -> None:
    explained = {(place, rule) for place, rule, _ in _acknowledgements(stage)}
    assert explained - set(_explained_findings(stage)) == set()


def test_no_explanation_is_left_of_what_a_stage_has_mended(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context={**CONTEXT, "aws:cdk:disable-asset-staging": True})
    with alone_in_build():
        strict = settings_with(mfa="required", threatProtection="enforced", architecture="x86_64")
        add_guardrails(app, PlatformStack(app, settings=strict))
    app.synth()
    [report] = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert report["violations"] == []
    metadata = (tmp_path / "Platform.metadata.json").read_text()
    assert "AwsSolutions-L1" in metadata
    assert "AwsSolutions-COG" not in metadata


@pytest.mark.parametrize("changes", [{"tracing": "active"}, {"rollout": "canary"}], ids=str)
def test_what_a_setting_adds_has_its_explanations(changes: dict[str, str], tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context={**CONTEXT, "aws:cdk:disable-asset-staging": True})
    with alone_in_build():
        add_guardrails(app, PlatformStack(app, settings=settings_with(**changes)))
    app.synth()
    [report] = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert report["violations"] == []


def test_what_is_not_clean_is_not_synthesized(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context={**CONTEXT, "aws:cdk:disable-asset-staging": True})
    with alone_in_build():
        stack = PlatformStack(app, settings=LOCAL.settings)
    sqs.Queue(stack, "Careless")
    add_guardrails(app, stack)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    [report] = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    places = {
        construct["constructPath"] for finding in report["violations"] for construct in finding["violatingConstructs"]
    }
    assert places == {"Platform/Careless/Resource"}
