#!/bin/sh
# Prints every transition, one per line, using plain GET requests. For scripts, and for networks that block streams.
# Run:   sh poll.sh http://127.0.0.1:4000 [cursor]      Resumes after the cursor. When stopped, prints the last cursor.
feed="${1:-http://127.0.0.1:4000}/api/v1/benefit-calculator-events"
next="$2"
trap 'echo "resume after: $next" >&2; exit' INT TERM

while true; do
  page=$(curl -s -w '\n%{http_code}' "$feed?limit=1000${next:+&after=$next}")
  status=${page##*
}
  case $status in
    200)
      printf '%s\n' "$page" | sed -n '1s/.*"data":\[\(.*\)\].*/\1/p' | sed 's/},{/}\
{/g' | grep .
      next=$(printf '%s\n' "$page" | sed -n '1s/.*"next":"\([^"]*\)".*/\1/p')
      ;;
    400 | 410) # The cursor is unknown or expired, so transitions may be missing. A copy must be read again.
      echo "gap after $next" >&2
      next=
      continue
      ;;
  esac
  sleep 1
done
