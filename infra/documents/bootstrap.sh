#!/bin/sh
# bootstrap SERVICE: what every wardnet-<service>.service starts. Reads the service's descriptor, opens its credential with
# the host's key, fetches its secrets, and becomes the service, as the service's user.
#
# It stands alone, not behind common.sh: it stays on a host for as long as the host lives, and is to change only when it
# has a change of its own. It runs as root in the unit's sandbox (renderUnitFile says why). Secrets are held in variables
# and pass through pipes of builtins: never in argv, in a file or in what is logged.
set -euf
umask 027
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

# Another start would end alike: the unit has RestartPreventExitStatus=78 (sysexits.h, EX_CONFIG).
wrong() {
  printf 'bootstrap: %s\n' "$*" >&2
  exit 78
}

# Another start may do better (EX_TEMPFAIL): the unit tries again, within its limits.
later() {
  printf 'bootstrap: %s\n' "$*" >&2
  exit 75
}

service=${1:-}
case $service in
  '' | [!a-z]* | *[!a-z0-9-]*) wrong 'usage: bootstrap SERVICE' ;;
esac
settings=/etc/wardnet/services/$service
folder=/srv/wardnet/$service
for command in age base64 curl jq setpriv; do
  command -v "$command" >/dev/null || wrong "$command is missing on this host; install it"
done

# ---- the descriptor: YAML as Conveyor writes it, plain keys and JSON's scalars, two levels. Anything else is refused.
descriptor=$(jq -Rsc '
  def scalar($line): (try fromjson catch error("line \($line): no quoted text or number"))
    | if type == "string" or type == "number" then . else error("line \($line): no quoted text or number") end;
  [split("\n") | to_entries[] | select(.value | test("\\A(#.*)?\\z") | not)]
  | reduce .[] as {key: $at, value: $text} ({read: {}};
      ($at + 1) as $line
      | ($text | capture("\\A(?<deep>  )?(\"?(?<key>[A-Za-z][A-Za-z0-9_]*)\"?:|(?<item>-))( (?<rest>.+))?\\z")
          // error("line \($line): not as Conveyor writes it")) as $m
      | if $m.deep == null and $m.key != null then
          if .read | has($m.key) then error("line \($line): \($m.key) is there twice")
          elif $m.rest == null then .read[$m.key] = null | .in = $m.key
          elif $m.rest == "{}" or $m.rest == "[]" then .read[$m.key] = ($m.rest | fromjson) | .in = null
          else .read[$m.key] = ($m.rest | scalar($line)) | .in = null end
        elif $m.deep == null or .in == null or $m.rest == null then error("line \($line): not as Conveyor writes it")
        elif $m.key != null then .in as $in | .read[$in][$m.key] = ($m.rest | scalar($line))
        else .in as $in | .read[$in] += [$m.rest | scalar($line)] end)
  | .read' "$settings/descriptor.yaml") || wrong "$settings/descriptor.yaml cannot be read; provision this host again"

printf '%s' "$descriptor" | jq -e --arg service "$service" '
  def named: keys | all(test("\\A[A-Z][A-Z0-9_]{0,99}\\z") and (test(
    "\\A(PATH|IFS|ENV|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|PPID|UID|EUID|PORT|OPT(IND|ARG|ERR)|PS[0-9]|SHELLOPTS|BASH.*|LD_.*|GLIBC_.*|GCONV_PATH|LOCPATH|WARDNET_.*)\\z") | not));
  .schema == 1 and .service == $service
  and (.environment | test("\\A[a-z][a-z0-9-]{0,23}\\z"))
  and (.region | test("\\A[a-z]{2}(-[a-z]+)+-[0-9]\\z"))
  and (.user | test("\\Awardnet-[a-z0-9-]{1,24}\\z"))
  and (.command | test("\\A[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}\\z") and (contains("..") | not))
  and (.arguments | all(type == "string")) and (.port // 1 | type == "number")
  and (.variables | type == "object" and named and all(type == "string"))
  and (.secrets | type == "object" and named and all(test("\\A(/[A-Za-z0-9_.-]+){1,15}\\z")))
' >/dev/null || wrong "$settings/descriptor.yaml does not say what a service needs; provision this host again"

setting() { printf '%s' "$descriptor" | jq -r "$1"; }
user=$(setting .user)
region=$(setting .region)
environment=$(setting .environment)
command=$(setting .command)
[ "$(id -u "$user" 2>/dev/null || echo 0)" -ne 0 ] || wrong "the user $user is not on this host; provision it again"

# ---- what its secrets are fetched with: its credential, else the instance's role. JSON as in the credential.

# open_credential: with the identity that was made on this host or with its SSH key; either may be what it was sealed to.
open_credential() {
  set --
  for identity in /etc/conveyor/host.agekey /etc/ssh/ssh_host_ed25519_key; do
    if [ -s "$identity" ]; then set -- "$@" -i "$identity"; fi
  done
  [ $# -gt 0 ] || wrong 'this host has no key; provision it again'
  keys=$(age -d "$@" "$settings/credential.age") ||
    wrong "$settings/credential.age is not sealed to this host's key; provision it again"
  printf '%s' "$keys" | jq -e --arg service "$service" --arg environment "$environment" \
    '.schema == 1 and .service == $service and .environment == $environment' >/dev/null 2>&1 ||
    wrong "$settings/credential.age is another service's or another environment's"
}

metadata() {
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "$token" |
    curl -q --config - -sSf --noproxy '*' --max-time 5 --retry 3 "$endpoint/latest/meta-data/$1"
}

take_role() {
  endpoint=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
  endpoint=${endpoint%/}
  none="the metadata service gave no credentials: does this instance have a role?"
  token=$(curl -q -sSf --noproxy '*' --max-time 5 --retry 3 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$endpoint/latest/api/token") || later "$none"
  role=$(metadata iam/security-credentials/) || later "$none"
  case $role in '' | *[!A-Za-z0-9+=,.@_-]*) later "$none" ;; esac
  keys=$(metadata "iam/security-credentials/$role" | jq -ce '{ accessKeyId: (.AccessKeyId | strings),
    secretAccessKey: (.SecretAccessKey | strings), sessionToken: .Token }') || later "$none"
  token=''
}

# get_parameters BODY: the answer of SSM's GetParameters.
get_parameters() {
  case $region in cn-*) domain=amazonaws.com.cn ;; *) domain=amazonaws.com ;; esac
  url=${AWS_ENDPOINT_URL:-https://ssm.$region.$domain}
  {
    printf '%s' "$keys" | jq -r '"user = " + ("\(.accessKeyId):\(.secretAccessKey)" | tojson),
      (.sessionToken // "" | select(. != "") | "header = " + ("x-amz-security-token: \(.)" | tojson))'
    printf '%s' "$1" | jq -Rrs '"data-binary = " + tojson'
  } | curl -q --config - --globoff -sS --fail --aws-sigv4 "aws:amz:$region:ssm" \
    --header 'content-type: application/x-amz-json-1.1' --header 'x-amz-target: AmazonSSM.GetParameters' \
    --connect-timeout 5 --max-time 20 --retry 3 --retry-delay 1 --retry-connrefused "${url%/}/"
}

# ---- its secrets, ten at a time (SSM takes no more)
wanted=$(setting '[.secrets[]] | unique | tojson')
count=$(printf '%s' "$wanted" | jq length)
found='{}'
if [ "$count" -gt 0 ]; then
  if [ -e "$settings/credential.age" ]; then open_credential; else take_role; fi
  from=0
  while [ "$from" -lt "$count" ]; do
    answer=$(get_parameters "$(printf '%s' "$wanted" | jq -c "{Names: .[$from:$from + 10], WithDecryption: true}")") ||
      later "SSM did not give the parameters of $service"
    found=$(printf '%s%s' "$found" "$answer" |
      jq -cs '.[0] + ([.[1].Parameters[] | {key: .Name, value: .Value}] | from_entries)') ||
      later 'SSM answered something else than parameters'
    from=$((from + 10))
  done
  keys='' answer=''
fi
lacking=$(printf '%s%s' "$wanted" "$found" | jq -rs '.[1] as $found | .[0] - ($found | keys) | join(", ")')
[ -z "$lacking" ] || later "SSM has no parameter $lacking that this host may read"

# ---- its environment and its arguments. As base64, so that any text passes through the shell as it is.
plain() { printf '%s' "$1" | base64 -d; }

set --
words=$(setting '.arguments[] | "=" + @base64')
for word in $words; do
  value=$(plain "${word#=}" && printf x)
  set -- "$@" "${value%x}"
done
pairs=$(printf '%s%s' "$descriptor" "$found" | jq -rs '.[1] as $found | .[0]
  | (.variables | to_entries[] | "\(.key)=\(.value | @base64)"),
    (.secrets | to_entries[] | "\(.key)=\($found[.value] | @base64)")')
for pair in $pairs; do
  # The x keeps line breaks at the end, which a substitution would take away.
  value=$(plain "${pair#*=}" && printf x)
  export "${pair%%=*}=${value%x}"
done
found='' pairs='' pair='' value=''
port=$(setting '.port // ""')
if [ -n "$port" ]; then export "PORT=$port"; fi
export "HOME=$folder/data" "USER=$user" "LOGNAME=$user" "WARDNET_SERVICE=$service" "WARDNET_ENVIRONMENT=$environment"

# ---- the release itself, not `current`: a process stays in what it was started from, which shows what it runs.
cd -P "$folder/current" || wrong "$folder/current is not there: nothing is deployed"
start=$(pwd -P)/$command
[ -f "$start" ] || wrong "the release has no $command"

exec setpriv --reuid "$user" --regid "$user" --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
  -- "$start" "$@"
