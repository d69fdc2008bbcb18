#!/bin/sh
# Makes .env (or the file named) of .env.example, with a random value for every secret that is empty there.
# Leaves a file that exists alone.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
target=${1:-$root/.env}
[ ! -e "$target" ] || { echo "$target is there already: it is kept as it is." >&2; exit 1; }
random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }
fernet_key() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }
umask 077
while IFS= read -r line; do
  case $line in
    SECRET_KEYS=) echo "$line$(fernet_key)" ;;
    *_PASSWORD= | *_SECRET=) echo "$line$(random 24)" ;;
    *) echo "$line" ;;
  esac
done <"$root/.env.example" >"$target.new"
mv "$target.new" "$target"
echo "Made $target with new secrets, for you alone to read. Keep a copy of SECRET_KEYS outside this machine."
