#!/bin/sh
# rsyslog-headers.sh DIR [VERSION]: the headers to build an rsyslog module with.
#
# Debian ships none, and a module binds to the exact upstream version of the rsyslogd that loads it. So this brings the
# source of the installed version (or of VERSION, such as 8.2302.0) by `apt-get source`, over an apt configuration of
# its own under DIR, and configures it. The machine's sources, lists and packages stay as they are, and nothing is
# installed: what is missing is named. It needs no root.
#
# Standard output is one line, the directory for CMake's -DRSYSLOG_SRC=...; what it does meanwhile is on standard error.
set -eu

# Only config.h is wanted, so every feature that asks for another -dev package is off. What changes a struct or a macro
# in the headers must be as the distribution built it: no NDEBUG but --disable-debug, regular expressions (the default),
# and imdiag, which Debian turns on.
CONFIGURE='--disable-debug --enable-imdiag --disable-uuid --disable-libgcrypt --disable-fmhttp --disable-klog
	--disable-liblogging-stdlog --disable-libsystemd --disable-generate-man-pages --without-systemdsystemunitdir
	--disable-dependency-tracking'

die() {
	echo "rsyslog-headers: $1" >&2
	exit 1
}

say() {
	echo "rsyslog-headers: $*" >&2
}

usage() {
	echo "usage: rsyslog-headers.sh DIR [VERSION]" >&2
	exit 2
}

# The upstream version of the rsyslogd that is installed, which is often not in the PATH of a user.
installed_version() {
	daemon=${RSYSLOGD:-$(PATH=$PATH:/usr/sbin:/sbin command -v rsyslogd || true)}
	[ -n "$daemon" ] || die "there is no rsyslogd on this machine: install it (apt-get install rsyslog), or name a version"
	found=$("$daemon" -v | sed -n '1s/^rsyslogd *\([0-9][0-9.]*[0-9]\).*/\1/p')
	[ -n "$found" ] || die "$daemon -v does not say its version"
	echo "$found"
}

# Prints what is missing, as package names. dpkg-dev is what apt-get source unpacks with.
missing_packages() {
	command -v cc >/dev/null || echo gcc
	command -v make >/dev/null || echo make
	command -v dpkg-source >/dev/null || echo dpkg-dev
	command -v pkg-config >/dev/null || { echo pkg-config libestr-dev libfastjson-dev zlib1g-dev; return; }
	pkg-config --exists 'libestr >= 0.1.9' || echo libestr-dev
	pkg-config --exists 'libfastjson >= 0.99.8' || echo libfastjson-dev
	pkg-config --exists zlib || echo zlib1g-dev
}

check_tools() {
	command -v apt-get >/dev/null ||
		die "there is no apt-get here: unpack and ./configure rsyslog $version yourself, and give CMake its folder"
	packages=$(missing_packages | tr '\n' ' ')
	[ -z "$packages" ] || die "packages are missing: apt-get install --no-install-recommends ${packages% }"
}

# One-line sources (deb [options] uri suite components) as deb-src.
one_line_sources() {
	sed -n '/[[:space:]]cdrom:/d; s/^[[:space:]]*deb\(-src\)\{0,1\}[[:space:]]\{1,\}/deb-src /p' "$1"
}

# deb822 sources as deb-src. A field's continuation lines (a key written inline) go where their field goes.
deb822_sources() {
	awk 'BEGIN { RS = ""; FS = "\n" }
	{
		out = ""; off = 0; keep = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^#/)
				continue
			if ($i !~ /^[ \t]/) {
				name = tolower($i); sub(/[ \t]*:.*/, "", name)
				keep = name !~ /^(types|enabled|architectures|targets)$/
				if (name == "enabled" && tolower($i) ~ /:[ \t]*(no|false|off|0)/)
					off = 1
			}
			if (keep)
				out = out $i "\n"
		}
		if (out != "" && !off)
			print "Types: deb-src\n" out
	}' "$1"
}

# Every source that the machine already uses, security and updates among them, as a source of sources.
write_sources() {
	LIST='' PARTS=''
	eval "$(apt-config shell LIST Dir::Etc::sourcelist/f PARTS Dir::Etc::sourceparts/d)"
	mkdir -p "$apt/parts"
	for file in "$LIST" "$PARTS"/*.list; do
		[ ! -f "$file" ] || one_line_sources "$file"
	done >"$apt/parts/machine.list"
	for file in "$PARTS"/*.sources; do
		[ ! -f "$file" ] || deb822_sources "$file"
	done >"$apt/parts/machine.sources"
	[ -s "$apt/parts/machine.list" ] || [ -s "$apt/parts/machine.sources" ] ||
		die "apt has no source on this machine ($LIST, $PARTS)"
}

# The sandbox user cannot enter a folder such as /root, and apt checks the signatures all the same. The machine's own
# hooks after an update (which clean its caches) have no business here.
write_apt_conf() {
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	cat >"$apt/apt.conf" <<-EOF
		Dir::Etc::sourcelist "/dev/null";
		Dir::Etc::sourceparts "$apt/parts";
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt/cache";
		Acquire::Languages "none";
		Acquire::PDiffs "false";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		APT::Sandbox::User "root";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	EOF
}

# Debian revisions of the wanted upstream version, the installed one first, then the others, newest first.
revisions() {
	installed=$(dpkg-query -W -f '${source:Version}' rsyslog 2>/dev/null || true)
	apt-cache -c "$apt/apt.conf" showsrc --only-source rsyslog 2>/dev/null | sed -n 's/^Version: //p' | sort -Vru >"$apt/served"
	{
		grep -Fx -e "$installed" "$apt/served" || true
		cat "$apt/served"
	} | awk -v want="$version" '{ up = $0; sub(/^[0-9]+:/, "", up); sub(/-[^-]*$/, "", up); sub(/[+~].*/, "", up) }
		up == want && !seen[$0]++'
}

# A mirror can list a revision that it no longer holds, so each is tried until one arrives.
fetch_source() {
	say "asking this machine's mirrors for the source of rsyslog $version"
	apt-get -qq -c "$apt/apt.conf" update >"$apt/update.log" 2>&1 || true
	for revision in $(revisions); do
		if (cd "$work" && apt-get -qq -c "$apt/apt.conf" source --only-source "rsyslog=$revision") >"$apt/source.log" 2>&1; then
			say "unpacked rsyslog $revision"
			return 0
		fi
		say "the mirror lists rsyslog $revision but does not serve it"
	done
	tail -n 5 "$apt/update.log" >&2
	[ ! -f "$apt/source.log" ] || tail -n 5 "$apt/source.log" >&2
	die "no source of rsyslog $version is served; the mirrors have: $(tr '\n' ' ' <"$apt/served")"
}

configure_source() {
	say "configuring it, which takes about 15 s"
	# The words of CONFIGURE are separate arguments.
	# shellcheck disable=SC2086
	(cd "$source" && ./configure $CONFIGURE) >"$work/configure.log" 2>&1 || {
		tail -n 15 "$work/configure.log" >&2
		die "configure failed; its last lines are above"
	}
	grep -q "^#define VERSION \"$version\"" "$source/config.h" || die "the source that came is not version $version"
}

bring() {
	work=$dir/.work.$$
	apt=$work/apt
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -p "$apt"
	write_sources
	write_apt_conf
	fetch_source
	source=$(find "$work" -mindepth 1 -maxdepth 1 -type d -name 'rsyslog-*')
	configure_source
	# The last step, in one move: a run that was interrupted leaves nothing that looks finished.
	rm -rf "$target"
	mv "$source" "$target"
}

[ $# -eq 1 ] || [ $# -eq 2 ] || usage
mkdir -p "$1" || die "cannot make $1"
dir=$(cd "$1" && pwd)
version=${2:-$(installed_version)}
target=$dir/rsyslog-$version
if [ ! -f "$target/config.h" ]; then
	check_tools
	bring
fi
say "give CMake -DRSYSLOG_SRC=$target"
echo "$target"
