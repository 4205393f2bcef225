from __future__ import annotations

from pathlib import Path

import pytest

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: handler.handler}
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: shared/, CompatibleRuntimes: [python3.13]}
  StepFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/step/, Runtime: python3.13, Description: !Sub "${AWS::StackName}"}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.asl.json, DefinitionSubstitutions: {Arn: !GetAtt StepFunction.Arn}}
  Queue:
    Type: AWS::SQS::Queue
"""
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Comment": "${Arn}"}}}\n'


@pytest.fixture
def template(tmp_path: Path) -> Path:
    for path, text in {
        "template.yaml": TEMPLATE,
        "machine.asl.json": DEFINITION,
        "functions/step/handler.py": "def handler(event, context): ...\n",
        "functions/step/__pycache__/handler.pyc": "stale",
        "shared/package/module.py": "X = 1\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path / "template.yaml"
