"""The balance as JSON, by a client that openapi-python-client has generated: what `kallyai credits balance` prints.

The service and the token are those of KALLYAI_BASE_URL and KALLYAI_ACCESS_TOKEN.
"""

import json
import os
import sys

from kallyai_client import AuthenticatedClient
from kallyai_client.api.credits_ import credits_balance
from kallyai_client.models import ErrorBody

client = AuthenticatedClient(
    base_url=os.environ["KALLYAI_BASE_URL"], token=os.environ["KALLYAI_ACCESS_TOKEN"]
)
balance = credits_balance.sync(client=client)
if balance is None or isinstance(balance, ErrorBody):
    sys.exit("there is no balance")
print(json.dumps(balance.to_dict()))
