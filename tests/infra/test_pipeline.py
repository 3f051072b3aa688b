"""The pipeline: workflows of our own commands, and roles that only this repository's runs can assume."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk.assertions import Template

from infra.pipeline_stack import PipelineStack, add_pipeline
from local.places import PROJECT
from tests.infra.stages import listed
from tests.scaffolding.template import rendered

WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (PROJECT / "Makefile").read_text(), re.MULTILINE))

type Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def resources() -> Resources:
    """The resources of the stack for a repository, by logical id."""
    template = Template.from_stack(PipelineStack(cdk.App(), repository="acme/shop"))
    found: Resources = template.to_json()["Resources"]
    return found


def _roles(resources: Resources) -> dict[str, dict[str, Any]]:
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}


def test_each_role_is_for_one_kind_of_run_of_this_repository(resources: Resources) -> None:
    trusted = []
    for role in _roles(resources).values():
        [trust] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert trust["Condition"].keys() == {"StringEquals"}, "no pattern that another repository could match"
        conditions = trust["Condition"]["StringEquals"]
        assert conditions["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
        trusted.append(conditions["token.actions.githubusercontent.com:sub"])
    assert sorted(trusted) == [
        "repo:acme/shop:environment:dev",
        "repo:acme/shop:environment:prod",
        "repo:acme/shop:pull_request",
    ]


def test_a_role_may_take_on_the_bootstraps_roles_and_see_stages_and_nothing_else(resources: Resources) -> None:
    policies = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::IAM::Policy"]
    assert len(policies) == len(_roles(resources))
    for policy in policies:
        allowed = {
            statement["Action"]: list(map(rendered, listed(statement["Resource"])))
            for statement in policy["PolicyDocument"]["Statement"]
        }
        assert allowed.keys() == {"sts:AssumeRole", "cloudformation:DescribeStacks"}
        assert all(":role/cdk-hnb659fds-" in resource for resource in allowed["sts:AssumeRole"])
        assert not [resource for resource in allowed["sts:AssumeRole"] if "*" in resource]


def test_there_is_no_user_and_no_key(resources: Resources) -> None:
    kinds = {each["Type"] for each in resources.values()}
    assert kinds == {"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::IAM::Policy"}


def test_the_stack_is_clean(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    add_pipeline(app, repository="acme/shop")
    app.synth()


@pytest.mark.parametrize("repository", ["acme", "acme/shop:*", "*/*", "acme/shop/more", "acme@*/shop@2", ""])
def test_what_is_no_repository_is_refused(repository: str) -> None:
    with pytest.raises(SystemExit, match="is not owner/repository"):
        add_pipeline(cdk.App(), repository=repository)


def test_a_repository_of_today_is_named_with_its_numbers() -> None:
    """https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens"""
    app = cdk.App()
    add_pipeline(app, repository="acme@12/shop@34")
    [artifact] = [each for each in app.synth().stacks if each.stack_name == "order-billing-pipeline"]
    assert "repo:acme@12/shop@34:environment:prod" in json.dumps(artifact.template)


def _steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_what_a_developer_types(workflow: Path) -> None:
    commands = [step["run"] for step in _steps(workflow) if "run" in step]
    assert commands
    for command in commands:
        words = command.removeprefix("sudo --preserve-env ").split()
        assert words[0] == ".ci/run" or (words[0] == "make" and words[1] in TARGETS), command


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_pins_its_actions_by_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", workflow.read_text())
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), "the version, for people and for Dependabot"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_names_no_account_and_no_region(workflow: Path) -> None:
    text = workflow.read_text()
    assert not re.search(r"\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b|arn:|AKIA|secrets\.", text)
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_a_trial_is_destroyed_whatever_became_of_it() -> None:
    *_, last = _steps(PROJECT / ".github/workflows/trial.yml")
    assert (last["run"], last["if"]) == ("make trial-end", "always()")


def test_what_is_hidden_is_uploaded_too() -> None:
    [upload] = [step for step in _steps(PROJECT / ".github/workflows/release.yml") if "upload" in step.get("uses", "")]
    assert upload["with"]["path"].startswith(".")
    assert upload["with"]["include-hidden-files"] is True


def test_every_lock_file_is_kept_up_to_date() -> None:
    updates = yaml.safe_load((PROJECT / ".github/dependabot.yml").read_text())["updates"]
    [python] = [update for update in updates if update["package-ecosystem"] == "uv"]
    locks = {
        f"/{path.parent.relative_to(PROJECT)}".removesuffix(".")
        for place in ("local/*", "tests/templates/*")
        for path in PROJECT.glob(f"{place}/uv.lock")
    }
    assert set(python["directories"]) == locks | {"/"}


@pytest.mark.parametrize(
    ("command", "variables", "line"),
    [
        ("deploy", {}, "deploy: say which: STAGE=dev, or TRIAL=pr12 for a stage that is there for a while\n"),
        (
            "deploy",
            {"STAGE": "nowhere"},
            "deploy: stage 'nowhere' is not in cdk.json (stages there: dev, prod, local)\n",
        ),
        ("trial", {"TRIAL": "Not-a-name"}, "trial: stage 'Not-a-name' in cdk.json: stage: String should match pattern"),
    ],
)
def test_what_was_said_wrongly_is_one_line(command: str, variables: dict[str, str], line: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", command],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ["PYTHONPATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
