"""A long random sequence of edits, followers that fail, and senders that are killed."""

import json
import os
import random
import signal
import time
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook

from .consumers import consuming, ok, status
from .own_databases import an_empty_database, run, started
from .sampling import ALL, seeds
from .telling import FOLLOWS

pytestmark = [pytest.mark.django_db, pytest.mark.database]

EDITS, KILLS = (300, 30) if ALL else (40, 2)


@pytest.mark.parametrize("seed", seeds(1))
def test_killing_the_sender_repeatedly_loses_duplicates_and_misdirects_no_message(tmp_path, seed):
    chance = random.Random(seed)
    is_down = [True]

    def flaky(consumer, one):
        (ok if chance.random() < 0.6 else status(chance.choice([500, 404, 302])))(consumer, one)

    def slow(consumer, one):
        time.sleep(chance.random() * 0.5)
        ok(consumer, one)

    def down(consumer, one):
        (status(503) if is_down[0] else ok)(consumer, one)

    with (
        an_empty_database(tmp_path, "telling") as url,
        consuming(flaky=flaky, slow=slow, down=down) as server,
    ):
        port = str(server.port)
        run(url, "manage.py", "migrate", "-v0")
        run(url, "-m", "tests.telling", "prepare", port)
        # Two at once: their changes are numbered as they are committed.
        half = str(EDITS // 2)
        editors = [
            started(url, "-m", "tests.telling", "edit", str(2 * seed + one), half)
            for one in range(2)
        ]
        for _kill in range(KILLS):
            senders = [started(url, "-m", "tests.telling", "deliver", port) for _one in range(2)]
            for sender in senders:
                assert sender.stdout.readline() == "telling\n", sender.stderr.read()
            time.sleep(chance.random() * 1.5)
            for sender in senders:
                os.kill(sender.pid, signal.SIGKILL)
                sender.communicate()
            run(url, "-m", "tests.telling", "later")
        for editor in editors:
            assert editor.wait(300) == 0, editor.stderr.read()
        is_down[0] = False
        sender = started(url, "-m", "tests.telling", "deliver", port)
        for _look in range(60):
            if run(url, "-m", "tests.telling", "later") == "0\n":
                break
        os.kill(sender.pid, signal.SIGKILL)
        sender.communicate()
        expected = json.loads(run(url, "-m", "tests.telling", "expect"))
        received = {path: server.of(path) for path in FOLLOWS}

    for path, must in expected.items():
        by_id, order = {}, defaultdict(list)
        for one in received[path]:
            # Of the right follower, since the secret is nobody else's.
            sent_at = datetime.fromtimestamp(int(one.headers["webhook-timestamp"]), UTC)
            signed = Webhook(must["secret"]).sign(one.id, sent_at, one.content.decode())
            assert one.headers["webhook-signature"] == signed
            assert by_id.setdefault(one.id, one.content) == one.content
            data = one.message["data"]
            if data["number"] not in order[data["company"]["slug"]]:
                order[data["company"]["slug"]].append(data["number"])
        numbers = [number for found in order.values() for number in found]
        assert len(by_id) == len(numbers), path  # one id for each change
        assert {*must["must"]} <= {*numbers} <= {*must["may"]}, path
        assert all(found == sorted(found) for found in order.values()), path
        assert must["state"] == "active"
        assert len(must["must"]) > 2
