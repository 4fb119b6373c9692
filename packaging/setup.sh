# shellcheck shell=sh
# What try.sh, deb.sh and tests/run.sh share: packages, rsyslog's headers, the build.
# To be sourced with ROOT set to the checkout.

# A compiler, the module's libraries, and what rsyslog-headers.sh unpacks and
# configures rsyslog with.
BUILD_PACKAGES='gcc libc6-dev make cmake ninja-build pkg-config dpkg-dev
	ca-certificates zlib1g-dev libestr-dev libfastjson-dev librdkafka-dev
	libcurl4-openssl-dev libsqlite3-dev libyaml-dev nettle-dev rsyslog'

say() {
	printf '\n== %s\n' "$*"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi || {
		echo "this needs root: $*" >&2
		return 1
	}
}

# The packages of the list that are not installed.
missing_packages() {
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
			grep -q 'ok installed' || echo "$package"
	done
}

need_packages() {
	missing=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	say "installing $missing"
	as_root apt-get -qq update
	# The words of $missing are separate packages.
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
		--no-install-recommends -o Dpkg::Use-Pty=0 $missing >/dev/null
}

# build PRESET: into build/PRESET. The module's headers are fetched once.
build() {
	RSYSLOG_SRC=$(sh "$ROOT/packaging/rsyslog-headers.sh" "$ROOT/build/rsyslog")
	export RSYSLOG_SRC
	say "building $1 with ${CC:-cc}"
	(cd "$ROOT" && cmake --preset "$1" && cmake --build --preset "$1") \
		>"$ROOT/build/$1.log" 2>&1 || {
		tail -n 20 "$ROOT/build/$1.log"
		return 1
	}
	tail -n 1 "$ROOT/build/$1.log"
}
