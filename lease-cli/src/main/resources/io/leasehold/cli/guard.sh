# Ends a command when its lock does, whatever becomes of leasectl: also when that stands still, or was killed.
#
# $1             a directory of this run's own, which is removed
# standard input the command's process ID; then, for each renewal, a line "TERM KILL": TERM is sent after so many
#                seconds, and KILL after so many more; "done" once the command has ended. Its end without that: leasectl
#                is gone
#
# The command waits at a gate, so that it never runs unguarded.
trap '' HUP INT QUIT TSTP TTIN TTOU
timer=
is_open=

cancel() {
  [ -n "$timer" ] || return 0
  kill -s TERM "$timer"
  wait "$timer"
  timer=
}

# The whole group if the command leads one.
end() { kill -s "$1" -- "-$child" || kill -s "$1" "$child"; }

arm() {
  cancel
  (
    trap 'kill "$nap"; exit' TERM
    sleep "$1" &
    nap=$!
    wait "$nap"
    end TERM
    sleep "$2" &
    nap=$!
    wait "$nap"
    end KILL
  ) </dev/null &
  timer=$!
}

mkfifo -m 600 "$1/gate" || exit 1
# Open in both directions, so that neither side waits for the other; closed when this process ends.
exec 3<>"$1/gate"
echo ready
exec >/dev/null 2>&1
if IFS= read -r child; then
  while IFS=' ' read -r first second; do
    if [ "$first" = done ]; then
      cancel
      rm -rf "$1"
      exit 0
    fi
    arm "$first" "$second"
    if [ -z "$is_open" ]; then
      echo go >&3
      is_open=yes
    fi
  done
fi
rm -rf "$1"
[ -n "$is_open" ] || exit 0
end TERM
while kill -0 "$child" || kill -0 -- "-$child"; do
  sleep 0.1
done
cancel
