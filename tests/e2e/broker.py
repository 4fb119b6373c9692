# SPDX-License-Identifier: Apache-2.0
"""A private Kafka for tests in Python: what kafka.sh beside it starts."""
import json
import os
import shutil
import subprocess
import tempfile

E2E = os.path.dirname(os.path.abspath(__file__))
SOURCE = '. "$KAFKA_HERE/kafka.sh"; [ ! -f "$KAFKA_DIR/server.properties" ] || kafka_here; '


def shell(script, *args, **variables):
    """kafka.sh with these variables; what it says besides its answer is shown."""
    done = subprocess.run(["sh", "-euc", SOURCE + script, "sh", *args], text=True, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env={**os.environ, "KAFKA_HERE": E2E, "KAFKA_DIR": "", **variables})
    if done.returncode:
        raise RuntimeError("the broker could not be used: " + script)
    return done.stdout.strip()


def ports(count):
    return [int(it) for _ in range((count + 1) // 2) for it in shell("kafka_ports").split()][:count]


def listens(own, control, *more):
    """Listeners as Kafka's properties, of a node that is alone. more: besides the one that tests use: name, protocol,
    port, the address that clients are told."""
    every = [("PLAINTEXT", "PLAINTEXT", own, f"127.0.0.1:{own}"), ("CONTROLLER", "PLAINTEXT", control, None), *more]
    return [f"controller.quorum.voters=1@127.0.0.1:{control}",
            "listeners=" + ",".join(f"{name}://127.0.0.1:{port}" for name, _, port, _ in every),
            "advertised.listeners=" + ",".join(f"{name}://{told}" for name, _, _, told in every if told),
            "listener.security.protocol.map=" + ",".join(f"{name}:{protocol}" for name, protocol, _, _ in every)]


def missing(**variables):
    """Why there is no Kafka to be had here. variables: of kafka.sh."""
    for name in ("kcat", "java", "mvn"):
        if not shutil.which(name):
            return f"{name} is missing"
    try:
        shell("kafka_get >&2", **variables)
    except RuntimeError:
        return "Maven could not fetch Apache Kafka; its last words are above"
    return ""


class Broker:
    def __init__(self, **variables):
        """variables: of kafka.sh."""
        self.variables = variables

    def start(self, root, *properties):
        self.variables["KAFKA_DIR"] = os.path.join(root, "kafka")
        self.ask('kafka_get >&2; kafka_start "$KAFKA_DIR" "$@"', *properties)
        self.address = self.ask('echo "$KAFKA_BROKER"')
        return self

    def ask(self, script, *args):
        return shell(script, *args, **self.variables)

    def pid(self):
        with open(self.variables["KAFKA_DIR"] + "/pid") as file:
            return int(file.read())

    def topic(self, name, partitions, *configs):
        self.ask('kafka_topic "$@"', name, str(partitions), *configs)

    def count(self, topic):
        return int(self.ask("kafka_count " + topic))

    def records(self, topic):
        """Each with key, headers (name, value, ...) and payload."""
        return [json.loads(line) for line in self.ask("kafka_read " + topic).split("\n") if line]

    def put(self, topic, *records):
        for it in records:
            with tempfile.NamedTemporaryFile() as file:
                file.write(it)
                file.flush()
                subprocess.run(["kcat", "-b", self.address, "-t", topic, "-P", file.name], check=True)

    def again(self):
        self.ask("kafka_again")

    def kill(self):
        self.ask("kafka_kill")

    def stop(self):
        if "KAFKA_DIR" in self.variables:
            self.ask("kafka_stop")
