# Provisioning: the scaffolding of a service on this host, which is its user, folders, descriptor, credential, bootstrap and
# unit. It never touches code: `releases/` and `current` are deployment's. Runs behind common.sh.
#
# The request has `parts` (rendered by lambdas/provision), each {kind: directory|file|absent, path, owner, group, mode,
# contentBase64}; `credential` {fingerprint, hostKey} with a part that is the sealed credential; `restart`, true where a
# changed unit is to be restarted. The credential in it is sealed: nothing in a request is secret.

# ---- the result has fields of its own. common.sh's print_result calls this; state_dir stays empty, for record.json there
# is what deployment tells.
host_key='' missing_commands='' changed='' restarted=false restart_pending=false
user='' unit='' unit_file='' folder='' settings='' record=''

result_json() {
  jq -cn --arg service "$service" --arg action "$action" --arg state "$1" --arg reason "$2" \
    --arg hostKey "$host_key" --arg user "$user" --arg missing "$missing_commands" --arg changed "$changed" \
    --arg restarted "$restarted" --arg restartPending "$restart_pending" \
    --arg parts "$(if [ -n "$service" ]; then parts_seen; fi)" --arg unit "$(unit_seen)" \
    --argjson record "$(record_seen)" --argjson took "$(($(date +%s) - started_seconds))" '
    def known: if . == "" then null else . end;
    def pairs: split("\n") | map(select(. != "") | split(" ") | {key: .[0], value: (.[1:] | join(" "))}) | from_entries;
    { schema: 1, service: $service, action: $action, state: $state, hostKey: ($hostKey | known), user: ($user | known),
      missing: ($missing | split(" ") | map(select(. != ""))), parts: ($parts | pairs), unit: ($unit | pairs),
      credential: $record, changed: ($changed | split(" ") | map(select(. != ""))),
      restarted: ($restarted == "true"), restartPending: ($restartPending == "true"),
      reason: ($reason | gsub("[[:cntrl:]]+"; " ") | .[0:200]), took: $took }'
}

# Unlike a deployment's, `absent` is what a removal wants, and what an observation may find.
finish() {
  print_result "$1" "$2"
  case $1 in
    present | absent) exit 100 ;;
    *) exit 101 ;;
  esac
}

# ---- what is seen

# see PATH: "KIND OWNER:GROUP MODE SHA256" without what does not apply; nothing where nothing is.
see() {
  if [ -L "$1" ]; then
    printf link
  elif [ -f "$1" ]; then
    printf 'file %s %s' "$(stat -c '%U:%G %04a' "$1")" "$(sha256sum <"$1" | cut -c 1-64)"
  elif [ -d "$1" ]; then
    printf 'directory %s' "$(stat -c '%U:%G %04a' "$1")"
  elif [ -e "$1" ]; then
    printf other
  fi
}

parts_seen() {
  for place in "$folder" "$folder/data" "$settings" "$settings/descriptor.yaml" "$settings/credential.age" \
    /usr/local/lib/conveyor/bootstrap "$unit_file"; do
    seen=$(see "$place")
    if [ -n "$seen" ]; then printf '%s %s\n' "$place" "$seen"; fi
  done
}

unit_property() { systemctl show --property "$1" --value "$unit"; }

unit_seen() {
  if [ -n "$unit" ] && command -v systemctl >/dev/null; then
    printf 'loaded %s\nactive %s\nenabled %s\nreload %s\n' "$(unit_property LoadState)" "$(unit_property ActiveState)" \
      "$(systemctl is-enabled "$unit" 2>/dev/null || :)" "$(unit_property NeedDaemonReload)"
  fi
}

# What was noted when the credential came: {fingerprint, hostKey, sealed}; null where that is not known any more.
record_seen() {
  if [ -f "$record" ] && jq -ce 'select(.schema == 1) | {fingerprint, hostKey, sealed}' "$record"; then return; fi
  printf null
}

is_running() { case $(unit_property ActiveState) in inactive | failed) return 1 ;; esac; }

# ---- the host's key

agekey=/etc/conveyor/host.agekey
sshkey=/etc/ssh/ssh_host_ed25519_key

# read_host_key → host_key. The identity that was made here goes first, so that a host with one keeps it when sshd comes.
read_host_key() {
  if [ -s "$agekey" ]; then
    host_key=$(age-keygen -y "$agekey") || host_key=''
  elif [ -s "$sshkey" ]; then
    # The private half decides; what lies beside it may be of another.
    host_key=$({ ssh-keygen -y -f "$sshkey" </dev/null || cat "$sshkey.pub"; } | head -n 1 | cut -d ' ' -f 1,2) || host_key=''
  elif command -v age-keygen >/dev/null; then
    make_host_key
  fi
}

# make_host_key: by a link, which fails where somebody else's observation was first.
make_host_key() {
  mkdir -p /etc/conveyor
  chmod 0700 /etc/conveyor
  drawn=$(mktemp -u "/etc/conveyor/.agekey.XXXXXX")
  (umask 077 && age-keygen -o "$drawn") && sync "$drawn"
  ln "$drawn" "$agekey" || :
  rm -f "$drawn"
  say "made an age identity for this host"
  host_key=$(age-keygen -y "$agekey")
}

look_for_commands() {
  for command in age age-keygen getent setpriv stat systemctl useradd; do
    command -v "$command" >/dev/null || missing_commands="$missing_commands $command"
  done
}
