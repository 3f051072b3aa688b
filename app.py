"""The CDK app. `cdk synth -c stage=dev` writes the template of a stage into cdk.out/."""

import json
import sys
from pathlib import Path

import aws_cdk as cdk

PROJECT = Path(__file__).parent
sys.path[:0] = [str(PROJECT / "functions"), str(PROJECT / "layers/shared/python")]

from infra.edge.edge_stack import EdgeStack
from infra.pipeline_stack import add_pipeline
from infra.platform_stack import PlatformStack
from infra.settings import SettingsError, StageSettings
from infra.standards.guardrails import add_guardrails

FOR_SAM = {"aws:cdk:enable-asset-metadata": True, "aws:cdk:enable-path-metadata": True}
"""Metadata by which SAM finds the code of a function; the CLI asks for it by itself."""


def main() -> None:
    """Synthesize what the context names: `-c stage=…`, `-c trial=… -c like=…`, or `-c pipeline=owner/repository`."""
    # Read here too, so that `python app.py` works without the CLI; what the CLI passes on goes before it.
    app = cdk.App(context=json.loads((PROJECT / "cdk.json").read_text())["context"] | FOR_SAM)
    pipeline = app.node.try_get_context("pipeline")
    if pipeline:
        add_pipeline(app, repository=pipeline)
    else:
        _add_stage(app)
    app.synth()


def _add_stage(app: cdk.App) -> None:
    stages, trial = (app.node.try_get_context(name) for name in ("stages", "trial"))
    try:
        if trial:
            settings = StageSettings.of_trial(stages, trial, like=app.node.try_get_context("like") or "dev")
        else:
            settings = StageSettings.of_context(stages, app.node.try_get_context("stage"))
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    stack = PlatformStack(app, settings=settings)
    edge = EdgeStack(app, settings=settings, edge=settings.edge) if settings.edge else None
    add_guardrails(app, stack, edge)


if __name__ == "__main__":
    main()
