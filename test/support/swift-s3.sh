#!/bin/bash
# swift-s3.sh DIR: an S3 service of somebody else's, for tests: OpenStack Swift with s3api, on loopback, gone when it ends.
# It runs in the foreground as whoever calls it and prints KEY=VALUE lines, then "# READY". TERM, INT or the death of this
# script stops its five processes, and what lies in DIR goes with them.
# Environment: S3_PORT ACCOUNT_PORT CONTAINER_PORT OBJECT_PORT MEMCACHED_PORT (free ports), S3_REGION, S3_CORS_ORIGIN.
set -euo pipefail
DIR=$(realpath -m "${1:?usage: swift-s3.sh DIR}")
S3_PORT=${S3_PORT:-9080}
ACCOUNT_PORT=${ACCOUNT_PORT:-$((S3_PORT + 1))} CONTAINER_PORT=${CONTAINER_PORT:-$((S3_PORT + 2))}
OBJECT_PORT=${OBJECT_PORT:-$((S3_PORT + 3))} MEMCACHED_PORT=${MEMCACHED_PORT:-$((S3_PORT + 4))}
S3_REGION=${S3_REGION:-us-east-1} S3_ACCOUNT=${S3_ACCOUNT:-test} S3_USER=${S3_USER:-tester}
S3_SECRET=${S3_SECRET:-$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n')}
S3_CORS_ORIGIN=${S3_CORS_ORIGIN:-*} S3_MIN_PART=${S3_MIN_PART:-5242880} S3_LOG_LEVEL=${S3_LOG_LEVEL:-WARNING}
die() { echo "swift-s3.sh: $*" >&2; exit 1; }

for c in swift-{proxy,account,container,object}-server memcached setpriv; do command -v $c >/dev/null || die "no $c, see test/support/machine.ts"; done
for p in $S3_PORT $ACCOUNT_PORT $CONTAINER_PORT $OBJECT_PORT $MEMCACHED_PORT; do
  if (: <>/dev/tcp/127.0.0.1/$p) 2>/dev/null; then die "port $p is already in use"; fi
done
[ ! -e "$DIR" ] || [ -z "$(ls -A "$DIR")" ] || [ -e "$DIR/.swift-s3" ] || die "$DIR is not empty and not ours"

pids=()
cleanup() {
  rc=$?; trap - EXIT; trap '' INT TERM
  kill -TERM "${pids[@]}" 2>/dev/null || :
  for i in {1..50}; do kill -0 "${pids[@]}" 2>/dev/null || break; sleep 0.1; done # 0 while one is left
  if [ $i = 50 ]; then kill -KILL "${pids[@]}" 2>/dev/null || :; fi
  wait || :
  if [ "${KEEP:-}" != 1 ]; then rm -rf "$DIR"/{etc,srv,log,.swift-s3}; rmdir "$DIR" 2>/dev/null || :; fi
  exit $rc
}
trap cleanup EXIT; trap 'exit 143' TERM; trap 'exit 130' INT HUP

rm -rf "$DIR"/{etc,srv,log}; mkdir -p "$DIR"/{etc,srv/d1,log}; touch "$DIR/.swift-s3" # always start empty
/usr/bin/python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.swift.test", b"x")' "$DIR/srv/d1" \
  || die "no user xattrs on the file system of $DIR: choose another (ext4, xfs, or tmpfs on Linux >= 6.6)"

cat >"$DIR/etc/swift.conf" <<CONF
[swift-hash]
swift_hash_path_suffix = test
[storage-policy:0]
name = one
default = yes
CONF
common="bind_ip = 127.0.0.1
workers = 0
swift_dir = $DIR/etc
devices = $DIR/srv
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
log_level = $S3_LOG_LEVEL"
for kind in account container object; do
  port=${kind^^}_PORT
  printf '[DEFAULT]\n%s\nbind_port = %s\n[pipeline:main]\npipeline = healthcheck %s-server\n[app:%s-server]\nuse = egg:swift#%s\n%s\n' \
    "$common" "${!port}" $kind $kind $kind $'[filter:healthcheck]\nuse = egg:swift#healthcheck' >"$DIR/etc/$kind.conf"
done
{
  printf '[DEFAULT]\n%s\nbind_port = %s\n' "$common" "$S3_PORT"
  printf '[pipeline:main]\npipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy slo proxy-server\n'
  for f in catch_errors gatekeeper healthcheck listing_formats bulk copy; do printf '[filter:%s]\nuse = egg:swift#%s\n' $f $f; done
  # error_suppression_limit: with one replica a single slow answer must not ban the only device for 60 s
  cat <<CONF
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$MEMCACHED_PORT
[filter:s3api]
use = egg:swift#s3api
location = $S3_REGION
s3_acl = false
min_segment_size = $S3_MIN_PART
max_upload_part_num = 10000
cors_preflight_allow_origin = $S3_CORS_ORIGIN
[filter:tempauth]
use = egg:swift#tempauth
user_${S3_ACCOUNT}_${S3_USER} = $S3_SECRET .admin
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
cors_allow_origin = $S3_CORS_ORIGIN
conn_timeout = 5
node_timeout = 30
error_suppression_limit = 1000000
CONF
} >"$DIR/etc/proxy.conf"
/usr/bin/python3 - "$DIR/etc" "$ACCOUNT_PORT" "$CONTAINER_PORT" "$OBJECT_PORT" <<'PY'
import sys
from swift.common.ring import RingBuilder
for name, port in zip(('account', 'container', 'object'), sys.argv[2:]):
    b = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    b.add_dev(dict(region=1, zone=1, ip='127.0.0.1', port=int(port), device='d1', weight=1))
    b.rebalance()
    b.get_ring().save('%s/%s.ring.gz' % (sys.argv[1], name))
PY

# Swift reads /etc/swift/swift.conf by a constant: point that at our file, then run Debian's own script.
launch='import sys, runpy; from swift.common import utils; utils.SWIFT_CONF_FILE = sys.argv[1]
sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name="__main__")'
setpriv --pdeathsig TERM memcached -u "$(id -un)" -l 127.0.0.1 -p "$MEMCACHED_PORT" -U 0 -m 64 >"$DIR/log/memcached.log" 2>&1 & pids+=($!)
for kind in account container object proxy; do
  setpriv --pdeathsig TERM /usr/bin/python3 -c "$launch" "$DIR/etc/swift.conf" "$(command -v swift-$kind-server)" "$DIR/etc/$kind.conf" -v \
    >"$DIR/log/$kind.log" 2>&1 </dev/null & pids+=($!)
done
healthy() { # a raw HTTP GET, so that curl is not needed
  exec 3<>/dev/tcp/127.0.0.1/$1 && printf 'GET /healthcheck HTTP/1.0\r\n\r\n' >&3 && read -r -t 2 line <&3 && [[ $line == *' 200 '* ]]
} 2>/dev/null
all_alive() { for p in "${pids[@]}"; do kill -0 "$p" 2>/dev/null || return 1; done; }
for port in $ACCOUNT_PORT $CONTAINER_PORT $OBJECT_PORT $S3_PORT; do
  for _ in {1..900}; do all_alive || break; (healthy "$port") && continue 2; sleep 0.1; done
  tail -n 20 "$DIR"/log/*.log >&2; die "the server on port $port did not start"
done
printf '%s\n' "S3_ENDPOINT=http://127.0.0.1:$S3_PORT" "S3_REGION=$S3_REGION" "S3_ACCESS_KEY_ID=$S3_ACCOUNT:$S3_USER" "S3_SECRET_ACCESS_KEY=$S3_SECRET" "# READY"
wait -n || :
tail -n 20 "$DIR"/log/*.log >&2; die "a server stopped"
