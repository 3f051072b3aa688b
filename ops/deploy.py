"""The pipeline's steps: make deploy STAGE=…, make journey STAGE=…, make trial TRIAL=…, make trial-end TRIAL=….

A trial is a separate stage with dev's settings, or those of LIKE, for a pull request. With AWS_ENDPOINT_URL, the CDK
CLI and the journey go to a local cloud, to try the pipeline itself: `AWS_ENDPOINT_URL=http://127.0.0.1:4566 make trial
TRIAL=pr1 LIKE=local`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from infra.settings import SettingsError, StageSettings
from local.demo import journey
from local.deployment import api_url
from local.places import PROJECT
from ops.command import CommandError
from ops.target import Target, session

CDK = PROJECT / "node_modules/.bin/cdk"
_CONTEXT = json.loads((PROJECT / "cdk.json").read_text())["context"]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stage, and the arguments that select it in the CDK CLI."""

    settings: StageSettings
    context: tuple[str, ...]

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> "Deployment":
        """The stage that TRIAL (and LIKE) or STAGE name. Raises CommandError, with the fix, for anything else."""
        trial, stage, stages = environment.get("TRIAL"), environment.get("STAGE"), _CONTEXT["stages"]
        try:
            if trial:
                like = environment.get("LIKE") or "dev"
                settings = StageSettings.of_trial(stages, trial, like=like)
                return cls(settings, ("--context", f"trial={trial}", "--context", f"like={like}"))
            if stage:
                return cls(StageSettings.of_context(stages, stage), ("--context", f"stage={stage}"))
        except SettingsError as error:
            raise CommandError(str(error)) from None
        raise CommandError("say which: STAGE=dev, or TRIAL=pr12 for a stage that is there for a while")

    @property
    def target(self) -> Target:
        """The stack of the platform, on AWS or at AWS_ENDPOINT_URL."""
        return Target(f"order-billing-{self.settings.stage}", session(), os.environ.get("AWS_ENDPOINT_URL"))

    def deploy(self) -> None:
        """Deploy the stage, with its edge if it has one. Raises CommandError when it fails."""
        self._cdk("deploy", "--require-approval", "never")

    def destroy(self) -> None:
        """Destroy the stage. Raises CommandError when it fails or leaves anything behind."""
        self._cdk("destroy", "--force")
        if self.target.is_there():
            raise CommandError(f"{self.target.stack_name} is still there: destroy it by hand")

    def journey(self) -> int:
        """Run the demo's journey on it, which prints its steps; return their number."""
        target = self.target
        outputs = target.outputs()
        return journey((api_url(target.endpoint, outputs) if target.endpoint else outputs["ApiUrl"]).rstrip("/") + "/")

    def _cdk(self, command: str, *options: str) -> None:
        done = subprocess.run([CDK, command, "--all", *options, *self.context], cwd=PROJECT, check=False)
        if done.returncode != 0:
            raise CommandError(f"cdk {command} of {self.target.stack_name} has failed")


def _deploy(deployment: Deployment) -> str:
    deployment.deploy()
    return f"{deployment.target.stack_name} is deployed"


def _journey(deployment: Deployment) -> str:
    return f"{deployment.target.stack_name} passed a journey of {deployment.journey()} steps"


def _trial(deployment: Deployment) -> str:
    return f"{_deploy(deployment)}; {_journey(deployment)}"


def _trial_end(deployment: Deployment) -> str:
    deployment.destroy()
    return f"{deployment.target.stack_name} is gone"


_STEPS = {"deploy": _deploy, "journey": _journey, "trial": _trial, "trial-end": _trial_end}


def command() -> bool:
    """Run the step that the command names, and report what was done."""
    step = sys.argv[1]
    print(f"{step}: {_STEPS[step](Deployment.of_environment(os.environ))}")
    return True
