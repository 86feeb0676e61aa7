#!/usr/bin/env bash
# From the one-time token of a fresh system to a search that is on record, by curl alone.
#
#   platestream serve --config FILE          prints the address and the token
#   examples/first_search.sh ADDRESS TOKEN [PLATE]
#
# One script plays four people of an invented department, so it also does what their authenticator apps would do. Real people choose their own
# passwords and type their own codes; here they are seen by whoever may list this machine's processes.
set -euo pipefail
address=${1:?usage: first_search.sh ADDRESS TOKEN [PLATE]}
token=${2:?usage: first_search.sh ADDRESS TOKEN [PLATE]}
plate=${3:-TST1234}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# ask METHOD PATH [BODY] [COOKIE]: prints the answer; a refusal ends the script with its code, clause and sentence.
ask() {
  local status
  status=$(curl -sS -X "$1" "$address$2" -o "$folder/answer" -D "$folder/headers" -w '%{http_code}' \
    -H 'x-platestream: 1' -H 'content-type: application/json' -H "cookie: ${4:-}" ${3:+--data-binary "$3"})
  if [ "$status" -ge 400 ]; then
    echo "$1 $2: $status $(cat "$folder/answer")" >&2
    exit 1
  fi
  cat "$folder/answer"
}
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
digest() { printf %s "$1" | sha256sum | cut -c1-64; }
password_of() { echo "four lanterns and $1 owls"; }

# code SECRET: what an authenticator app shows now (RFC 6238).
code() {
  local key counter mac offset
  key=$(printf '%s%.*s' "$1" $(((8 - ${#1} % 8) % 8)) ======== | base32 -d | od -An -tx1 | tr -d ' \n')
  counter=$(printf %016x $(($(date +%s) / 30)) | sed 's/../\\x&/g')
  mac=$(printf "$counter" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$key" | sed 's/.* //')
  offset=$((16#${mac:39:1} * 2))
  printf %06d $(((16#${mac:offset:8} & 0x7fffffff) % 1000000))
}

# sign_in LOGIN SECRET: prints the session's cookie.
sign_in() {
  ask POST /api/session "{\"userId\": \"$1\", \"password\": \"$(password_of "$1")\", \"acknowledgedBanner\": true,
    \"factor\": {\"kind\": \"totp\", \"code\": \"$(code "$2")\"}}" >/dev/null
  sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p' "$folder/headers"
}
# act COOKIE ACTION INPUT: one action of the API; prints the id of what it made, if anything.
act() { ask POST "/api/actions/$2" "$3" "$1" | field id; }

# 1. The administrator, by the token.
secret=$(ask POST /api/first "{\"token\": \"$token\", \"userId\": \"chief\", \"name\": \"Ada Quinn\",
  \"password\": \"$(password_of chief)\"}" | field totpSecret)
chief=$(sign_in chief "$secret")
act "$chief" profile.set '{"categories": []}'
echo 'chief is the administrator'

# 2. Other people, each designated by the administrator and enrolled with a token of their own.
# hire LOGIN NAME ROLE: prints the cookie.
hire() {
  local own secret cookie
  own=$(ask POST /api/actions/user.create "{\"userId\": \"$1\", \"name\": \"$2\"}" "$chief" | field token)
  act "$chief" designation.grant "{\"userId\": \"$1\", \"role\": \"$3\", \"scope\": \"the whole system\"}" >/dev/null
  secret=$(ask POST /api/enrol "{\"userId\": \"$1\", \"token\": \"$own\", \"password\": \"$(password_of "$1")\"}" | field totpSecret)
  cookie=$(sign_in "$1" "$secret")
  act "$cookie" profile.set '{"categories": ["stolen_vehicle", "warrant"]}' >/dev/null
  echo "$cookie"
}
technician=$(hire tech 'Theo Cole' technician)
analyst=$(hire ana 'Ana Rivera' operator)
auditor=$(hire aud 'Uma Audley' auditor)
echo 'tech, ana and aud are designated, enrolled and signed in'

# 3. Training: nobody sees a plate without it. Courses, who attended, who passed; never by oneself.
train() {
  local session
  act "$technician" training.approve_course "{\"kind\": \"$1\", \"title\": \"$1\", \"materialsSha256\": \"$(digest "$1")\", \"modules\": $2}" >/dev/null
  session=$(act "$technician" training.record_session "{\"courseHash\": \"$(digest "$1")\", \"attendees\": [\"ana\"],
    \"attendanceSha256\": \"$(digest list)\", \"heldAtMs\": $(date +%s)000}")
  act "$technician" training.certify "{\"userId\": \"ana\", \"sessionId\": \"$session\", \"score\": 92, \"certificateSha256\": \"$(digest ana)\"}" >/dev/null
}
train alpr '["operation", "data_security", "policy"]'
train cjis_security '[]'
echo 'ana is trained'

# 4. A search says why. It is on record before its first row leaves the store.
found=$(ask POST /api/searches "{\"reason\": {\"basis\": \"criminal_investigation\", \"caseNo\": \"26-0001\",
  \"facts\": \"a witness saw this van leave the invented warehouse on Example Street\"},
  \"criteria\": {\"kind\": \"reads\", \"plate\": \"$plate\"}}" "$analyst")
number=$(sed -n 's/^[Xx]-[Pp]latestream-[Ss]equence: \([0-9]*\).*/\1/p' "$folder/headers")
echo "ana searched for $plate: $found"

# 5. The auditor reads who searched, and why.
echo "record $number of the ledger, as the auditor reads it:"
ask GET "/api/views/ledger.records?from=$number&limit=1&actor=ana" '' "$auditor"
echo
