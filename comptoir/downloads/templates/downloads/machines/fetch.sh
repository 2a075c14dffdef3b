{% autoescape off %}#!/bin/sh
# Fetches these files, goes on where it broke off, and checks each by its SHA-256. Run it again for what is new.
# Usage: sh fetch.sh [directory]
set -eu
target=${1:-.}
failed=0

digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

fetch() {
  file=$target/$1
  if [ -f "$file" ] && [ "$(digest "$file")" = "$2" ]; then echo "here     $1"; return 0; fi
  mkdir -p "$(dirname "$file")"
  if [ ! -f "$file.part" ] || [ "$(digest "$file.part")" != "$2" ]; then
    if ! curl --fail --location --silent --show-error --retry 5 --continue-at - --output "$file.part" "$3"; then
      echo "FAILED   $1" >&2; failed=1; return 0
    fi
  fi
  if [ "$(digest "$file.part")" = "$2" ]; then
    mv "$file.part" "$file"; echo "fetched  $1"
  else
    rm -f "$file.part"; echo "DAMAGED  $1" >&2; failed=1
  fi
}

{% for path, file, url in lines %}fetch '{{ path }}' '{{ file.sha256 }}' '{{ url }}'
{% endfor %}exit "$failed"
{% endautoescape %}
