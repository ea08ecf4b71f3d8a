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
from .killed_senders import FOLLOWS
from .own_databases import a_migrated_database, started
from .sampling import ALL, only_on, seeds

pytestmark = [pytest.mark.django_db, only_on("postgresql")]  # where rows are locked

EDITS, KILLS = (300, 30) if ALL else (40, 2)


class Program:
    """`tests.killed_senders` on a database: each thing it does is done by a process of its own."""

    def __init__(self, database_url):
        self.process = started(database_url, "-m", "tests.killed_senders")

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def begin(self, *what):
        """The id of the process that does it."""
        return int(self.ask(" ".join(map(str, what))))

    def status(self, child):
        """How the process ended, when it has, and what it said."""
        said, line = "", self.ask(child)
        while line and not line.startswith("ended"):
            said, line = said + line, self.process.stdout.readline()
        return int(line.split()[1]), said

    def run(self, *what):
        """What a process says that ends well."""
        status, said = self.status(self.begin(*what))
        assert status == 0
        return said

    def kill(self, children):
        for child in children:
            os.kill(child, signal.SIGKILL)
        assert {self.status(child)[0] for child in children} == {-signal.SIGKILL}

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.process.communicate()


@pytest.mark.parametrize("seed", seeds(1))
def test_killing_the_sender_repeatedly_loses_duplicates_and_misdirects_no_message(tmp_path, seed):
    chance = random.Random(seed)
    is_down, taken = [True], defaultdict(set)

    def take(consumer, one):
        ok(consumer, one)
        taken[one.path.strip("/")].add(one.message["data"]["number"])

    def flaky(consumer, one):
        (take if chance.random() < 0.6 else status(chance.choice([500, 404, 302])))(consumer, one)

    def slow(consumer, one):
        time.sleep(chance.random() * 0.5)
        take(consumer, one)

    def down(consumer, one):
        (status(503) if is_down[0] else take)(consumer, one)

    answers = dict.fromkeys(FOLLOWS, take) | {"flaky": flaky, "slow": slow, "down": down}

    with (
        a_migrated_database(tmp_path, "telling") as url,
        consuming(**answers) as server,
        Program(url) as program,
    ):
        program.run("prepare", server.port)
        # Two at once: their changes are numbered as they are committed.
        editors = [program.begin("edit", 2 * seed + one, EDITS // 2) for one in range(2)]
        for _kill in range(KILLS):
            senders = [program.begin("deliver", server.port) for _one in range(2)]
            time.sleep(chance.random() * 1.5)
            program.kill(senders)
            program.run("later")
        assert [program.status(editor) for editor in editors] == [(0, "")] * 2
        is_down[0] = False
        sender = program.begin("deliver", server.port)
        until = time.monotonic() + 120
        while program.run("later") != "0\n" and time.monotonic() < until:
            time.sleep(0.1)
        program.kill([sender])
        expected = json.loads(program.run("expect"))
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
        assert {*must["must"]} <= taken[path] <= {*numbers} <= {*must["may"]}, path
        assert all(found == sorted(found) for found in order.values()), path
        assert must["state"] == "active"
        assert len(must["must"]) > 2
