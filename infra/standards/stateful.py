"""The agreed list of resources that hold data (docs/stateful/), and what a template would do to them.

A renamed or moved construct gets another logical id: CloudFormation would make a new, empty table and orphan the old
one. `make stateful` rewrites the lists; a commit that changes them must say why.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

AGREED = Path(__file__).parent.parent.parent / "docs/stateful"

REPLACED_BY: Mapping[str, tuple[str, ...]] = {
    "AWS::DynamoDB::Table": ("TableName", "KeySchema", "AttributeDefinitions", "LocalSecondaryIndexes"),
    "AWS::Cognito::UserPool": ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration", "Schema"),
    "AWS::Cognito::UserPoolClient": ("GenerateSecret",),
    "AWS::Cognito::UserPoolDomain": ("Domain",),
    "AWS::Events::EventBus": ("Name",),
    "AWS::Events::Archive": ("ArchiveName", "SourceArn"),
    "AWS::KMS::Key": ("KeySpec", "KeyUsage", "MultiRegion"),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
}
"""The types of resources that hold data, or that others refer to by id; each with the properties that replace it.

A user pool's schema replaces nothing: CloudFormation rejects changes to it, except additions. "Update requires:
Replacement" at https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html
"""

type Stateful = dict[str, dict[str, Any]]
"""By logical id: the type, and the properties that must stay."""


def stateful(template: Mapping[str, Any]) -> Stateful:
    """The resources in a template that hold data."""
    return {
        name: {"Type": kind, **{each: properties[each] for each in REPLACED_BY[kind] if each in properties}}
        for name, resource in sorted(template["Resources"].items())
        if (kind := resource["Type"]) in REPLACED_BY
        for properties in [resource.get("Properties", {})]
    }


def agreed(stage: str) -> Stateful:
    """The agreed list of a stage; empty for a new stage."""
    file = AGREED / f"{stage}.json"
    known: Stateful = json.loads(file.read_text()) if file.exists() else {}
    return known


def agree(stage: str, now: Stateful) -> None:
    """Make the current template of a stage the agreed list."""
    AGREED.mkdir(parents=True, exist_ok=True)
    (AGREED / f"{stage}.json").write_text(json.dumps(now, indent=2) + "\n")


def losses(before: Stateful, now: Stateful) -> Iterator[str]:
    """What a deployment would lose, each with the fix."""
    for name, old in before.items():
        kind = old["Type"].removeprefix("AWS::")
        if name not in now:
            heirs = [each for each, new in now.items() if each not in before and new == old]
            what_to_do = ": take it out of the list by hand"
            for heir in difflib.get_close_matches(name, heirs, n=1, cutoff=0):
                what_to_do = f"; it is {heir} now: give its construct its old place, or its id by override_logical_id()"
            yield f"{kind} {name} is gone, and what it holds{what_to_do}"
            continue
        for each in sorted((old.keys() | now[name].keys()) - {"Type"}):
            if old.get(each) != now[name].get(each):
                yield f"{kind} {name} would be replaced by an empty one: its {each} changes; make a new one beside it"
