"""What every test shares: AWS credentials that work nowhere, so that nothing can reach a real account."""

import os
from functools import cache

import botocore.session
from botocore.loaders import create_loader

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_SESSION_TOKEN="testing",
    AWS_DEFAULT_REGION="eu-central-1",
    POWERTOOLS_SERVICE_NAME="tests",
    POWERTOOLS_METRICS_NAMESPACE="usage-to-cash",
)

# Moto begins with a session of its own in every test, and each would read the models of the services anew: a tenth of
# a second for each client.
botocore.session.create_loader = cache(create_loader)
