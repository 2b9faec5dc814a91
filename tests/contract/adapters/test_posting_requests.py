"""Postings are asked for at once or after a while, and counted until they are taken up."""

import json
from datetime import timedelta

from moto import mock_aws

from shared.adapters.sqs.posting_requests import QueuedPostingRequests
from shared.domain.identifiers import PostingId, TenantId
from shared.runtime import aws
from tests.builders.aws_resources import create_queue, messages_of


def test_what_is_asked_for_later_waits_and_is_counted_all_the_same() -> None:
    with mock_aws():
        url = create_queue("erp-postings")
        requests = QueuedPostingRequests(aws.sqs(), url, TenantId("acme-saas"))

        requests.request(PostingId("inv-1"))
        requests.request(PostingId("inv-2"), after=timedelta(minutes=9, seconds=0.5))

        assert requests.waiting() == 2
        assert [json.loads(message)["posting_id"] for message in messages_of(url)] == ["inv-1"]
        assert requests.waiting() == 1
