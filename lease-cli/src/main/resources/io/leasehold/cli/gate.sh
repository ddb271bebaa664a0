# Waits at the gate $1 until the guard is ready, and then becomes the command. Away from a terminal it leads a group of
# its own, so that all that it starts ends with it.
IFS= read -r go <"$1" && [ "$go" = go ] || exit 125
shift
case $1 in
  */*) [ -x "$1" ] || [ ! -e "$1" ] || { echo "Error: $1: cannot be run" >&2; exit 126; } ;;
esac
if ! command -v -- "$1" >/dev/null 2>&1; then
  echo "Error: $1: command not found" >&2
  exit 127
fi
if [ ! -t 0 ] && command -v setsid >/dev/null 2>&1; then
  exec setsid -- "$@"
fi
exec "$@"
