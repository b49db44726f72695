# Runs one throw-away PostgreSQL for as long as standard input stays open.
#
# The parent holds the other end: however it ends, a panic, Ctrl-C or kill -9, this reads the end of its input, stops
# the server by its own pid and removes its folder. Arguments: folder of the server's programs, port. The first line of
# input is the password (an argument would show in `ps`). Prints `ready` when the server accepts connections.
set -eu
umask 077
programs=$1
port=$2
IFS= read -r password

folder=$(mktemp -d -t keywright-postgres.XXXXXX)
server=
stop() {
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
    [ -z "$server" ] || { kill -INT "$server" 2>/dev/null; wait "$server"; } || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

fail() {
    cat "$folder/log" >&2
    exit 1
}

printf '%s\n' "$password" >"$folder/password"
"$programs/initdb" --pgdata="$folder/data" --username=keywright --pwfile="$folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$folder/log" 2>&1 || fail

# fsync is on: tests of durability need it. The race tests open more connections than the default allows.
"$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=on -c max_connections=300 >>"$folder/log" 2>&1 &
server=$!

until "$programs/pg_isready" --quiet --host=127.0.0.1 --port="$port" --timeout=1; do
    kill -0 "$server" 2>/dev/null || fail
    sleep 0.1
done
echo ready

while read -r _; do :; done
