#!/bin/bash
# Kill Bill, measured in one command: bash run.sh [flags of the load client].
# Starts PostgreSQL and Kill Bill on the loopback, runs the load, prints the figures as JSON and
# stops what it started.
set -u
. "$(dirname "$0")/lib.sh"
mkdir -p $RUN
get >&2 || exit 1
[ -d $K/x/WEB-INF ] || { mkdir -p $K/x; (cd $K/x && unzip -q -o $K/war/killbill-profiles-killbill-$V.war); }
trap 'kb_stop; pg_stop' EXIT
pg_start >&2 || exit 1
kb_start >&2 || exit 1
$K/load -pg $(cat $RUN/pg.pid) -kb $(cat $RUN/kb.pid) -catalog $H/conf/catalog.xml "$@" > $RUN/figures.json || exit 1
python3 - $RUN <<'P'
import json, sys

run = sys.argv[1]
found = json.load(open(f"{run}/figures.json"))
found["startup_seconds"] = float(open(f"{run}/start_s").read())
lines = [line for line in open(f"{run}/killbill.properties") if "=" in line and line[0] != "#"]
found["settings"] = {name: value.strip() for name, _, value in (x.partition("=") for x in lines)}
log = open(f"{run}/kb.log", errors="replace")
found["warnings_in_log"] = sum(" WARN " in line or " ERROR " in line for line in log)
print(json.dumps(found, indent=1))
P
