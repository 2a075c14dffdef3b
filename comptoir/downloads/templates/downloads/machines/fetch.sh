{% autoescape off %}#!/bin/sh
# Fetches these files, goes on where it broke off, and checks each by its SHA-256. Run it again for what is new.
# Usage: sh fetch.sh [directory]. Ends with 0 if every file is there and whole, else with 1.
set -u
failed=0

digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

whole() {
  [ -f "$1" ] && [ "$(digest "$1")" = "$2" ]
}

# what came so far stays in the .part, so that each try goes on from there
get() {
  tries=0
  until curl --fail --location --silent --show-error --retry 3 --continue-at - --output "$1" "$2"; do
    status=$?
    tries=$((tries + 1))
    # 22: the server said no; anything else is the connection
    if [ "$status" -eq 22 ] || [ "$tries" -ge 5 ]; then return 1; fi
    sleep "$tries"
  done
}

fetch() {
  file=$target/$1
  part=$file.part
  if whole "$file" "$2"; then echo "here     $1"; return 0; fi
  mkdir -p "$(dirname "$file")" || { failed=1; return 0; }
  # as long as the file or longer, and another one: it can not be gone on with
  if [ -f "$part" ] && [ "$(wc -c < "$part")" -ge "$3" ] && ! whole "$part" "$2"; then rm -f "$part"; fi
  if ! whole "$part" "$2" && ! get "$part" "$4"; then
    echo "FAILED   $1" >&2; failed=1; return 0
  fi
  if whole "$part" "$2"; then
    mv "$part" "$file" && echo "fetched  $1"
  else
    rm -f "$part"; echo "DAMAGED  $1: its SHA-256 is not the one of the list" >&2; failed=1
  fi
}

# all of it in one piece, so that a script that broke off on its way does nothing
main() {
  target=${1:-.}
{% for path, file, url in lines %}  fetch '{{ path }}' '{{ file.sha256 }}' '{{ file.size }}' '{{ url }}'
{% endfor %}  exit "$failed"
}
main "$@"
{% endautoescape %}
