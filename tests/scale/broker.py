# SPDX-License-Identifier: Apache-2.0
"""The Kafka of tests/e2e, which scenarios share: each has a topic of its own."""
import os
import subprocess
import tempfile

E2E = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e")


def shell(script, **variables):
    """kafka.sh with these variables; what it says besides its answer is shown."""
    done = subprocess.run(["sh", "-euc", '. "$KAFKA_HERE/kafka.sh"; ' + script], text=True, stdout=subprocess.PIPE,
                          env={**os.environ, "KAFKA_HERE": E2E, **variables})
    if done.returncode:
        raise RuntimeError("the broker could not be used: " + script)
    return done.stdout.strip()


class Broker:
    def start(self, root):
        self.dir = os.path.join(root, "kafka")
        self.ask('kafka_start "$KAFKA_DIR"')
        self.address = self.ask('kafka_here; echo "$KAFKA_BROKER"')

    def ask(self, script):
        return shell(script, KAFKA_DIR=self.dir)

    def topic(self, name, partitions):
        self.ask(f"kafka_here; kafka_topic {name} {partitions}")

    def count(self, topic):
        return int(self.ask(f"kafka_here; kafka_count {topic}"))

    def count_of(self, topic, words):
        """Records that have these words."""
        return int(self.ask(f"kafka_here; kafka_read {topic} | grep -c '{words}' || true"))

    def put(self, topic, *records):
        for it in records:
            with tempfile.NamedTemporaryFile() as file:
                file.write(it)
                file.flush()
                subprocess.run(["kcat", "-b", self.address, "-t", topic, "-P", file.name], check=True)

    def stop(self):
        if hasattr(self, "dir"):
            self.ask("kafka_stop")
