"""What others think of the templates: cdk-nag and cfn-lint (`make synth`), checkov (`make checkov`)."""
