from __future__ import annotations

import pytest
from pydantic import BaseModel

from aep_delivery.runtime.errors import InternalError
from aep_delivery.workflow.documents import MemoryDocuments, S3Documents, read_document, write_document


class Note(BaseModel):
    text: str


@pytest.fixture(params=["memory", "s3"])
def documents(request):
    if request.param == "memory":
        return MemoryDocuments()
    client = request.getfixturevalue("aws_account")("s3")
    client.create_bucket(Bucket="work")
    return S3Documents(client, "work")


def test_what_is_kept_comes_back(documents):
    key = write_document(documents, "deliveries/prod/x/e/note.json", Note(text="Grüße 中"))
    assert read_document(documents, key, Note) == Note(text="Grüße 中")


def test_a_missing_document_is_named(documents):
    with pytest.raises(InternalError) as caught:
        documents.get("deliveries/none.json")
    assert caught.value.code == "work.document-missing"
    assert caught.value.place == "deliveries/none.json"


@pytest.mark.parametrize("text", ["", "{}", '{"text": 1}', "<html>"])
def test_a_damaged_document_is_named_and_not_quoted(documents, text):
    documents.put("k.json", text)
    with pytest.raises(InternalError) as caught:
        read_document(documents, "k.json", Note)
    assert caught.value.code == "work.document-invalid"


def test_a_bucket_that_refuses_is_no_missing_document(aws_account):
    documents = S3Documents(aws_account("s3"), "not-there")
    with pytest.raises(InternalError) as caught:
        documents.put("k", "text")
    assert caught.value.code == "aws.refused"
