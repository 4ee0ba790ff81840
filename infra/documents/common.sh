#!/bin/sh
# What every host script of Conveyor begins with. A document's script is this file, then its own.
#
# File descriptors: 3 is the caller's stdout (one line of JSON, the result), 4 the host's log, 5 the caller's stderr, 9 the
# lock, 8 provisioning's second one. stdout and stderr themselves are the log: no command's output is taken for the result.
set -eu
umask 022
LC_ALL=C
PATH="${PATH:+$PATH:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export LC_ALL PATH
exec 3>&1 5>&2 4>/dev/null 1>&4 2>&4

# What `finish` tells. The scripts set them from what they read on the host, never from what they were asked for.
schema_version=1
service='' action='' version_now='' digest_now='' good_now='' started_at='' active=false health=none
hold=''
# Where a service keeps its state on the host; empty until the lock is held.
state_dir=''
log_file='' log_from=0
aws_problem=''
started_seconds=$(date +%s)
# An instance id, a role's credentials: asked for once.
imds_token='' credentials=''

say() {
  printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${promotion:--}" "$*" >&4 || :
}

# The result as one line of JSON, below 2,000 characters: ListCommandInvocations cuts its output at 2,500.
result_json() {
  jq -cn --arg service "$service" --arg action "$action" --arg state "$1" --arg reason "$2" \
    --arg version "$version_now" --arg digest "$digest_now" --arg good "$good_now" \
    --arg startedAt "$started_at" --arg active "$active" --arg health "$health" --arg held "$(held_by)" \
    --argjson schema "$schema_version" --argjson took "$(($(date +%s) - started_seconds))" '
    def known: if . == "" then null else . end;
    { schema: $schema, service: $service, action: $action, state: $state, version: ($version | known),
      digest: ($digest | known), good: ($good | known), startedAt: ($startedAt | known),
      active: ($active == "true"), health: $health, held: ($held | known),
      reason: ($reason | gsub("[[:cntrl:]]+"; " ") | .[0:300]), took: $took }'
}

# Where there is no jq yet that sentence has to be made by hand: nothing but plain words may go into it.
result_without_jq() {
  printf '{"schema":1,"service":"","action":"","state":"%s","version":null,"digest":null,"good":null,' "$1"
  printf '"startedAt":null,"active":false,"health":"none","reason":"%s","took":0}\n' \
    "$(printf '%s' "$2" | tr -cd 'A-Za-z0-9 .,:;_/-')"
}

print_result() {
  say "result: $1: $2"
  if command -v jq >/dev/null && line=$(result_json "$1" "$2"); then
    printf '%s\n' "$line" >&3
    # A record that cannot be written (a full disk) is no reason to say anything else than what was seen.
    if [ -n "$state_dir" ]; then printf '%s\n' "$line" | write_atomically "$state_dir/record.json" || :; fi
  else
    result_without_jq "$1" "$2" >&3
  fi
}

# finish STATE REASON: tells the result and ends the script. 100 and 101 mean "told, and that was (not) what was wanted":
# they travel out of $(…) by set -e, so that a refusal within a substitution ends the script too, and tells once.
finish() {
  print_result "$1" "$2"
  if [ "$1" = running ]; then exit 100; else exit 101; fi
}

# tell_log: what this run wrote to the host's log, to whoever keeps the command's output (S3): a host that fails may be gone
# before anybody looks. Behind a bar, so that no line is taken for the result.
tell_log() {
  [ -n "$log_file" ] && [ "$action" != observe ] || return 0
  tail -c "+$((log_from + 1))" "$log_file" | tail -c 200000 | sed 's/^/| /' >&5 || :
}

end_of_script() {
  code=$?
  trap - EXIT
  case $code in
    100) exit 0 ;;
    101)
      tell_log
      exit 1
      ;;
  esac
  print_result failed "the script ended early with exit code $code${log_file:+, see $log_file}"
  printf 'ended early with exit code %s\n' "$code" >&5
  tell_log
  exit 1
}
trap end_of_script EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# need COMMAND…: ends with `failed` and names all that are missing.
need() {
  missing=''
  for command in "$@"; do
    command -v "$command" >/dev/null || missing="$missing $command"
  done
  [ -z "$missing" ] || finish failed "missing on this host:$missing; install them and deploy again"
}

need jq awk base64 curl date flock grep mktemp mv sha256sum sync tar timeout

# The one parameter. The agent hands it over in the environment since 3.3.2746.0; before that it is put in here as
# text, which its allowed pattern (base64) makes harmless.
request_base64=${SSM_Request:-}
[ -n "$request_base64" ] || request_base64='{{ Request }}'
REQUEST=$(printf '%s' "$request_base64" | base64 -d | jq -cs 'select(length == 1) | .[0] | objects') || REQUEST=''
[ -n "$REQUEST" ] || finish refused 'the request is not base64 of one JSON object'

# request_field PATH PATTERN [DEFAULT]: prints the field if all of it matches the extended regular expression; without
# it the default; ends with `refused` otherwise. Text, numbers and booleans only; no control characters, ever. Call it as
# `x=$(request_field …)`: within a test ([ … ], if, ||) the shell would go on after a refusal.
request_field() {
  if ! field=$(printf '%s' "$REQUEST" | jq -r "($1) as \$value | \$value
      | if . == null then \"absent\"
        elif type == \"object\" or type == \"array\" then error(\"no scalar\")
        elif (tostring | explode | any(. < 32 or . == 127)) then error(\"control characters\")
        else \"given \" + tostring end"); then
    finish refused "the request's $1 is not a plain value"
  fi
  if [ "$field" = absent ]; then
    [ $# -ge 3 ] || finish refused "the request lacks $1"
    printf '%s\n' "$3"
    return
  fi
  field=${field#given }
  printf '%s\n' "$field" | grep -Eqx -e "$2" || finish refused "the request's $1 does not match $2"
  printf '%s\n' "$field"
}

VERSION_PATTERN='[A-Za-z0-9_][A-Za-z0-9._-]{0,127}'
DIGEST_PATTERN='sha256:[0-9a-f]{64}'
URL_PATTERN='https?://[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?(/[A-Za-z0-9._~/?&=%+,:@-]{0,500})?'

# read_deployment KIND: the fields that every deploy, observe and restore has, into variables of their names.
# deploy must name a digest; observe may leave version and digest out (whatever runs); restore names what was rejected.
read_deployment() {
  request_field .schema 1 >/dev/null
  service=$(request_field .service '[a-z][a-z0-9-]{0,39}')
  action=$(request_field .action 'deploy|observe|restore')
  request_field .kind "$1" >/dev/null
  promotion=$(request_field .promotion '[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}' -)
  environment=$(request_field .environment '[a-z][a-z0-9-]{0,39}')
  region=$(request_field .region '[a-z]{2}(-[a-z]+)+-[0-9]' us-east-1)
  case $action in
    deploy)
      version=$(request_field .version "$VERSION_PATTERN")
      digest=$(request_field .digest "$DIGEST_PATTERN")
      ;;
    *)
      version=$(request_field .version "$VERSION_PATTERN" '')
      digest=$(request_field .digest "$DIGEST_PATTERN" '')
      ;;
  esac
  health_url=$(request_field .health.url "$URL_PATTERN" '')
  health_seconds=$(request_field .health.seconds '[1-9][0-9]{0,3}' 60)
  keep=$(request_field .keep '[1-9][0-9]?' 5)
  cleanup=$(request_field .cleanup '[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}' '')
  case /$cleanup/ in */../*) finish refused "the request's .cleanup leaves the service's folder" ;; esac
  asked_because=$(request_field .reason '.{0,300}' '')
  hold=$(request_field .hold 'arn:[A-Za-z0-9+=,.@_:/-]{1,196}' '')
  : "$environment" "$region" "$version" "$digest" "$health_url" "$health_seconds" "$keep" "$asked_because"
}

# open_log NAME: from here on the script's own output, and every command's, goes to the host's log. Kept below 2 MB.
open_log() {
  log_file=/var/log/conveyor/$1.log
  # A log that cannot be written (a full disk, a read-only one) stops no deploy.
  if mkdir -p /var/log/conveyor && : >>"$log_file"; then
    if [ "$(wc -c <"$log_file")" -gt 1000000 ]; then mv -f "$log_file" "$log_file.1"; fi
    chmod 0750 /var/log/conveyor
    log_from=$(wc -c <"$log_file")
    exec 4>>"$log_file" 1>&4 2>&4
  fi
}

# write_atomically FILE: stdin becomes its content, all of it or nothing, and is on the disk afterwards. One writer at a
# time (the lock), so the temporary file has one name and nothing piles up.
write_atomically() {
  if cat >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1" && sync "$(dirname "$1")"; then return 0; fi
  rm -f "$1.new"
  return 1
}

# take_lock: one script at a time for a service on a host. The lock goes with the process, however that ends.
take_lock() {
  mkdir -p /run/conveyor
  exec 9<>"/run/conveyor/$service.lock"
  if ! flock -n 9; then
    finish busy "another run is at work on $service: $(head -c 200 "/run/conveyor/$service.lock")"
  fi
  printf '%s %s since %s\n' "${promotion:--}" "$action" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \
    >"/run/conveyor/$service.lock"
  mkdir -p "/var/lib/conveyor/$service" || finish failed "cannot make /var/lib/conveyor/$service: is the disk full?"
  state_dir=/var/lib/conveyor/$service
}

# pause SECONDS: without the lock, so that a sleep that outlives a killed script holds nobody up.
pause() {
  sleep "$1" 3>&- 5>&- 8>&- 9>&-
}

# ---- the host's own good versions: /var/lib/conveyor/<service>/good, a line `VERSION DIGEST` each, the last one first

good_file() { printf '/var/lib/conveyor/%s/good' "$service"; }

good_versions() {
  if [ -f "$(good_file)" ]; then cat "$(good_file)"; fi
}

# read_good: the last version that passed here → good_now.
read_good() {
  good_now=$(good_versions | head -n 1 | cut -d ' ' -f 1)
}

# prepare_good VERSION DIGEST: writes the file as it will be once this version has passed, while there is room and
# nothing has changed yet. keep_good then is a rename, which a full disk does not stop.
prepare_good() {
  {
    printf '%s %s\n' "$1" "$2"
    good_versions | awk -v version="$1" '$1 != version' | head -n 20
  } | write_atomically "$(good_file).prepared"
}

keep_good() {
  mv -fT "$(good_file).prepared" "$(good_file)" && sync "$(dirname "$(good_file)")"
  read_good
}

# forget_good VERSION: it did not pass, or was rejected: nothing returns to it.
forget_good() {
  if good_versions | grep -q "^$1 "; then
    good_versions | awk -v version="$1" '$1 != version' | write_atomically "$(good_file)"
  fi
  read_good
}

# ---- the hold: /var/lib/conveyor/<service>/held, `VERSION WHO`. Who deploys past Conveyor (`conveyor ssm`) leaves it, so that
# the sweep lets this host be. It counts for that version alone; the next deploy without one takes it away.

# note_hold: while there is room and nothing has changed yet.
note_hold() {
  [ -n "$hold" ] || return 0
  printf '%s %s\n' "$version" "$hold" | write_atomically "/var/lib/conveyor/$service/held"
}

end_hold() {
  [ -n "$hold" ] || rm -f "/var/lib/conveyor/$service/held"
}

held_by() {
  held_file=/var/lib/conveyor/$service/held
  if [ -f "$held_file" ]; then awk -v version="$version_now" '$1 == version { print $2; exit }' "$held_file"; fi
}

# ---- health

# probe URL: one try, bounded.
probe() {
  curl -q --globoff --fail --silent --show-error --output /dev/null --noproxy '*' --proto '=http,https' \
    --connect-timeout 3 --max-time 5 "$1" 3>&- 5>&- 9>&-
}

# wait_healthy URL SECONDS: 0 as soon as it answers 2xx, 1 when the time is over. Without a URL there is nothing to
# ask: health stays `none`.
wait_healthy() {
  health=none
  [ -n "$1" ] || return 0
  deadline=$(($(date +%s) + $2))
  while ! probe "$1"; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      health=failed
      return 1
    fi
    pause 1
  done
  health=passed
}

# ---- AWS, by the instance's role. Keys reach curl on its stdin: never in argv, a file or the log.
# Every function says in aws_problem why it failed; call them outside of $(…) where that is to be read.

# imds PATH: the instance metadata service, version 2.
imds() {
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$imds_token" |
    curl -q --config - --silent --show-error --fail --noproxy '*' --max-time 5 --retry 2 "$imds_endpoint/latest/$1"
}

# aws_credentials: the role's, once per run → credentials (JSON).
aws_credentials() {
  [ -z "$credentials" ] || return 0
  # 7.81 signs the host and the date only, and AWS refuses a session token that is not signed (curl's issues 8810, 11738).
  curl_version=$(curl -q --version | awk 'NR == 1 { split($2, part, "."); print part[1] * 1000 + part[2] }')
  if [ "$curl_version" -lt 7088 ]; then
    aws_problem='curl on this host is too old to sign a session token: install 7.88 or newer'
    return 1
  fi
  imds_endpoint=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
  imds_endpoint=${imds_endpoint%/}
  aws_problem="the metadata service at $imds_endpoint gave no credentials: does this instance have a role?"
  imds_token=$(curl -q --silent --show-error --fail --noproxy '*' --max-time 5 --retry 2 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$imds_endpoint/latest/api/token") || return 1
  role=$(imds meta-data/iam/security-credentials/ | head -n 1 | grep -Ex '[A-Za-z0-9+=,.@_-]{1,64}') || return 1
  credentials=$(imds "meta-data/iam/security-credentials/$role" |
    jq -ce 'select((.AccessKeyId | length > 0) and (.SecretAccessKey | length > 0))') || return 1
  aws_problem=''
}

# The credentials as lines of a curl configuration; tojson quotes as curl unquotes.
credentials_config() {
  printf '%s' "$credentials" | jq -r '
    "user = " + ("\(.AccessKeyId):\(.SecretAccessKey)" | tojson),
    (.Token // "" | select(length > 0) | "header = " + ("x-amz-security-token: \(.)" | tojson))'
}

aws_domain() {
  case $1 in cn-*) printf 'amazonaws.com.cn' ;; *) printf 'amazonaws.com' ;; esac
}

# aws_fetch_object BUCKET KEY REGION FILE: all of the object, or 1 with nothing left at FILE. It does not hold the lock: a
# download that outlives a killed script holds nobody up, and whoever uses FILE checks its digest.
aws_fetch_object() {
  aws_credentials || return 1
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    url=${AWS_ENDPOINT_URL%/}/$1/$2
  else
    url=https://s3.$3.$(aws_domain "$3")/$1/$2
  fi
  # The hash of no body, for S3 wants it and curl before 8 does not add it.
  empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  curl_code=0
  http_code=$(credentials_config | curl -q --config - --globoff --silent --show-error --fail --output "$4" \
    --write-out '%{http_code}' --aws-sigv4 "aws:amz:$3:s3" --header "x-amz-content-sha256: $empty" \
    --connect-timeout 10 --max-time 900 --speed-limit 1000 --speed-time 30 --retry 2 --retry-delay 1 \
    "$url" 9>&-) || curl_code=$?
  [ "$curl_code" -ne 0 ] || return 0
  rm -f "$4"
  case $curl_code in
    22) aws_problem="s3://$1/$2 answered $http_code" ;;
    18) aws_problem="the download of s3://$1/$2 was cut off" ;;
    23) aws_problem="s3://$1/$2 could not be written to $(dirname "$4"): no space left?" ;;
    28) aws_problem="the download of s3://$1/$2 stalled" ;;
    *) aws_problem="s3://$1/$2 could not be fetched (curl $curl_code)" ;;
  esac
  say "$aws_problem"
  return 1
}

# aws_json SERVICE REGION TARGET: an API of JSON 1.1; the body comes on stdin, the answer goes to stdout. The body goes
# to curl by its stdin too: it may hold what is nobody else's to see.
aws_json() {
  aws_credentials || return 1
  if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
    url=${AWS_ENDPOINT_URL%/}/
  else
    case $1 in
      ecr) url=https://api.ecr.$2.$(aws_domain "$2")/ ;;
      *) url=https://$1.$2.$(aws_domain "$2")/ ;;
    esac
  fi
  body=$(jq -ac .) || return 1
  {
    credentials_config
    printf '%s' "$body" | jq -Rrs '"data-binary = " + tojson'
  } | curl -q --config - --globoff --silent --show-error --fail-with-body --aws-sigv4 "aws:amz:$2:$1" \
    --header 'content-type: application/x-amz-json-1.1' --header "x-amz-target: $3" \
    --connect-timeout 10 --max-time 60 --retry 2 --retry-delay 1 "$url"
}
