# shellcheck shell=sh
# A real Apache Kafka for the end-to-end tests: one node, broker and controller in one, on loopback. To be sourced.
#
#   kafka_get                         fetches the jars, once for each version
#   kafka_start DIR [line...]         formats DIR/data and starts; the lines are added to server.properties
#   kafka_stop, kafka_kill            SIGTERM and SIGKILL; kafka_again starts it anew on the same data and ports
#   kafka_topic NAME PARTITIONS [key=value...]     0 deletes it
#   kafka_count NAME                  how many records the topic holds
#   kafka_read NAME                   every record as one line of JSON: key, headers (name, value, ...), payload
#
# KAFKA_VERSION may be another than the pom's; KAFKA_FORMAT has more options of the formatting, e.g. --add-scram.
# KAFKA_DIR, the DIR of kafka_start, is all that another shell needs to find the running broker.

KAFKA_HERE=${KAFKA_HERE:-$(cd "$(dirname "$0")" && pwd)}
KAFKA_POM=$KAFKA_HERE/kafka/pom.xml
KAFKA_VERSION=${KAFKA_VERSION:-$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$KAFKA_POM")}
# Outside the tree, so that every build and every checkout shares one copy.
KAFKA_JARS=${KAFKA_JARS:-${XDG_CACHE_HOME:-$HOME/.cache}/omipsec/kafka-$KAFKA_VERSION}
# A broker that lives for minutes starts soonest with a small heap, the simplest collector and no second compiler.
KAFKA_JAVA=${KAFKA_JAVA:-'-Xms192m -Xmx320m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.apache.logging.log4j.level=INFO'}

kafka_get() {
	[ ! -f "$KAFKA_JARS/kafka_2.13-$KAFKA_VERSION.jar" ] || return 0
	kafka_part=$KAFKA_JARS.part.$$
	echo "fetching Apache Kafka $KAFKA_VERSION to $KAFKA_JARS"
	mkdir -p "$(dirname "$KAFKA_JARS")"
	mvn -B -q -f "$KAFKA_POM" dependency:copy-dependencies -DincludeScope=runtime \
		-Dkafka.version="$KAFKA_VERSION" -DoutputDirectory="$kafka_part" >"$kafka_part.log" 2>&1 || {
		tail -n 20 "$kafka_part.log" >&2
		echo "kafka: Maven could not fetch Apache Kafka $KAFKA_VERSION" >&2
		return 1
	}
	rm -rf "$KAFKA_JARS" "$kafka_part.log"
	mv "$kafka_part" "$KAFKA_JARS"
}

# A process that has ended but whose parent has not asked yet is not alive.
kafka_alive() {
	[ -s "$KAFKA_DIR/pid" ] && grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$(cat "$KAFKA_DIR/pid")/status" 2>/dev/null
}

# Below the range from which the kernel takes ports for connections: otherwise a client that knocks at the port of a
# stopped broker may take that very port itself.
kafka_ports() {
	python3 - <<-'EOF'
		import random, socket
		ports, held = [], []
		while len(ports) < 2:
		    s = socket.socket()
		    try:
		        s.bind(("127.0.0.1", random.randrange(20000, 32000)))
		    except OSError:
		        continue
		    held.append(s)
		    ports.append(s.getsockname()[1])
		print(*ports)
	EOF
}

# A broker's registration outlives a SIGKILL by the session's time, so that is short.
kafka_properties() {
	cat <<-EOF
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:$2
		listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
		advertised.listeners=PLAINTEXT://127.0.0.1:$1
		controller.listener.names=CONTROLLER
		log.dirs=$KAFKA_DIR/data
		auto.create.topics.enable=false
		offsets.topic.num.partitions=1
		offsets.topic.replication.factor=1
		transaction.state.log.num.partitions=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.num.partitions=1
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1
		group.initial.rebalance.delay.ms=0
		num.network.threads=2
		num.io.threads=2
		broker.heartbeat.interval.ms=250
		broker.session.timeout.ms=3000
	EOF
}

# KAFKA_BROKER of the broker in KAFKA_DIR; of two lines of a kind the later is the broker's.
kafka_here() {
	KAFKA_BROKER=$(sed -n 's/^advertised.listeners=PLAINTEXT:\/\/\([^,]*\).*/\1/p' "$KAFKA_DIR/server.properties" | tail -n 1)
}

kafka_start() {
	KAFKA_DIR=$1
	shift
	mkdir -p "$KAFKA_DIR"
	# The two ports are words of their own.
	# shellcheck disable=SC2046
	kafka_properties $(kafka_ports) >"$KAFKA_DIR/server.properties"
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$KAFKA_DIR/server.properties"
	# The options are words of their own.
	# shellcheck disable=SC2086
	java $KAFKA_JAVA -cp "$KAFKA_JARS/*" kafka.tools.StorageTool format --cluster-id omipsec-e2e-cluster-01 \
		--config "$KAFKA_DIR/server.properties" ${KAFKA_FORMAT:-} >"$KAFKA_DIR/format.log" 2>&1 || {
		tail -n 5 "$KAFKA_DIR/format.log" >&2
		return 1
	}
	kafka_again
}

# A SIGTERM to the whole test must not take the broker before the test has looked at it; run.sh stops it at the end.
kafka_again() {
	kafka_here
	# shellcheck disable=SC2086
	java $KAFKA_JAVA -cp "$KAFKA_JARS/*" kafka.Kafka "$KAFKA_DIR/server.properties" >>"$KAFKA_DIR/log" 2>&1 </dev/null &
	echo $! >"$KAFKA_DIR/pid"
	kafka_ready
}

# It is ready when it names itself as a broker that can lead, which is some time after its port is open.
kafka_ready() {
	kafka_left=600
	until kcat -b "$KAFKA_BROKER" -L -m 1 2>/dev/null | grep -q 'broker 1 at'; do
		kafka_left=$((kafka_left - 1))
		if [ "$kafka_left" -eq 0 ] || ! kafka_alive; then
			tail -n 20 "$KAFKA_DIR/log" >&2
			echo "kafka: the broker did not start" >&2
			return 1
		fi
		sleep 0.1
	done
}

kafka_end() {
	kafka_alive || return 0
	kill "-$1" "$(cat "$KAFKA_DIR/pid")"
	kafka_left=300
	while kafka_alive; do
		kafka_left=$((kafka_left - 1))
		if [ "$kafka_left" -eq 0 ]; then
			echo "kafka: the broker did not stop within 30 s of signal $1" >&2
			kill -KILL "$(cat "$KAFKA_DIR/pid")"
			return 1
		fi
		sleep 0.1
	done
}

kafka_stop() {
	kafka_end TERM
}

kafka_kill() {
	kafka_end KILL
}

kafka_topic() {
	python3 "$KAFKA_HERE/kafka/topic.py" "$KAFKA_BROKER" "$@" || return 1
	kafka_left=200
	until [ "$(kafka_leaders "$1")" = "$2" ]; do
		kafka_left=$((kafka_left - 1))
		[ "$kafka_left" -gt 0 ] || {
			echo "kafka: topic $1 has no leader" >&2
			return 1
		}
		sleep 0.1
	done
}

kafka_leaders() {
	kcat -b "$KAFKA_BROKER" -L -m 5 -t "$1" 2>/dev/null | grep -c 'partition .*leader [0-9]' || true
}

# The sum of the partitions' ends: nothing is ever deleted here, and no transaction leaves its marks.
kafka_count() {
	kafka_queries=$(kcat -b "$KAFKA_BROKER" -L -m 5 -t "$1" 2>/dev/null | sed -n "s/^ *partition \([0-9]*\),.*/-t $1:\1:-1/p")
	# The queries are words of their own.
	# shellcheck disable=SC2086
	kcat -b "$KAFKA_BROKER" -Q $kafka_queries 2>/dev/null | awk '{ n += $NF } END { print n + 0 }'
}

kafka_read() {
	kcat -b "$KAFKA_BROKER" -C -t "$1" -o beginning -e -q -J
}
