"""What other people's parsers say of a definition: none sees everything, so all are asked."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator

from cfnlint.api import ManualArgs, lint
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from statelint.linter import Linter

from tests.template.definition import Definition

with warnings.catch_warnings():
    # moto 5.2 imports an ANTLR runtime that still uses what Python deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException

# statelint 3.1 knows JSONata nearly everywhere, but not where AWS takes an expression for a number.
_NUMBER_AS_JSONATA = re.compile(r'\.(Seconds|MaxConcurrency) is "\{%.*%\}" but should be (an Integer|numeric)$')


def statelint(definition: Definition) -> Iterator[str]:
    for problem in Linter.validate(definition.document):
        if not _NUMBER_AS_JSONATA.search(problem):
            yield f"statelint: {problem}"


def moto(definition: Definition) -> Iterator[str]:
    try:
        AmazonStateLanguageParser.parse(definition.deployed)
    except ASLParserException as error:
        yield f"moto: {error}"


def cfn_lint(definition: Definition) -> Iterator[str]:
    """cfn-lint looks into no ``DefinitionUri``, so it gets a template with the definition in it."""
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::123456789012:role/workflow",
            "DefinitionString": definition.deployed,
        },
    }
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Machine": machine}}
    for match in lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"])):
        # Nor does cfn-lint 1.58 know that AWS takes an expression there.
        if match.message.startswith("'{% ") and match.message.endswith("MaxConcurrency'"):
            continue
        yield f"cfn-lint: {match.rule.id}: {match.message}"


def jsonata(definition: Definition) -> Iterator[str]:
    for expression in definition.expressions():
        try:
            Jsonata(expression.text)
        except JException as error:
            yield f"jsonata: {expression.place}: {error} in {expression.text!r}"
