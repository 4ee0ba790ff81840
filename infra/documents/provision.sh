# A service's unit, and the three actions: observe, apply, remove. Runs behind provision-parts.sh.

# ---- the unit

# note_unit_change FILE: before the unit becomes another, which process still runs by the old one: the invocation and the
# new unit's hash. A run that is killed anywhere finds it again, and a restart by anybody else settles it.
note_unit_change() {
  if is_running; then
    printf '%s %s\n' "$(unit_property InvocationID)" "$(sha256sum <"$1" | cut -c 1-64)" | write_atomically "$pending"
  fi
}

# read_pending → restart_pending: the process that runs is older than its unit.
read_pending() {
  restart_pending=false
  if [ -f "$pending" ] && [ -f "$unit_file" ] && is_running &&
    [ "$(cat "$pending")" = "$(unit_property InvocationID) $(sha256sum <"$unit_file" | cut -c 1-64)" ]; then
    restart_pending=true
  fi
}

settle_unit() {
  if [ "$(unit_property NeedDaemonReload)" = yes ] || [ "$(unit_property LoadState)" != loaded ]; then
    systemctl daemon-reload
    note daemon-reload 'systemd reads its units again:'
  fi
  if [ "$(systemctl is-enabled "$unit" 2>/dev/null || :)" != enabled ]; then
    systemctl enable --no-reload "$unit"
    note enabled 'the unit is'
  fi
  read_pending
  if [ "$restart_pending $restart_wanted" = 'true true' ]; then restart_unit; fi
}

# restart_unit: and watches it for some seconds, for a unit is active as soon as its bootstrap has begun.
restart_unit() {
  before=$(unit_property InvocationID)
  timeout 700 systemctl restart "$unit" || finish failed "$unit did not start again: systemctl status $unit"
  restarted=true
  after=$(unit_property InvocationID)
  case $after in '' | "$before") finish failed "$unit was not restarted" ;; esac
  seconds=0
  while [ "$seconds" -lt 5 ]; do
    pause 1
    if [ "$(unit_property ActiveState) $(unit_property InvocationID)" != "active $after" ]; then
      finish failed "$unit started again by its changed unit and ended soon: journalctl -u $unit"
    fi
    seconds=$((seconds + 1))
  done
  rm -f "$pending"
  restart_pending=false
}

# ---- who is at work

# A look waits for so many seconds for whoever changes things here: what SSM gave up may still be at work, and what it has
# not put there yet would be called absent.
look_waits=60
looks_file() { printf '/run/conveyor/%s.looks.lock' "$service"; }

# hold_looks: looks hold this lock for a moment only.
hold_looks() {
  exec 8<>"$(looks_file)"
  flock -w 30 8 || finish busy "looks at $service do not end"
}

wait_for_changes() {
  mkdir -p /run/conveyor
  exec 8<>"$(looks_file)"
  flock -s -w "$look_waits" 8 ||
    finish busy "another run is at work on $service: $(head -c 200 "/run/conveyor/$service.lock")"
  exec 8>&-
}

# ---- actions

check_part() {
  hash=''
  if [ "$5" != - ]; then hash=" $(printf '%s' "$5" | base64 -d | sha256sum | cut -c 1-64)"; fi
  seen=$(see "$1")
  case $part_kind in
    absent) [ -z "$seen" ] || finish failed "$1 is still there" ;;
    *) [ "$seen" = "$part_kind $2:$3 $4$hash" ] || finish failed "$1 is not as it was put: ${seen:-not there}" ;;
  esac
}

apply() {
  [ -z "$missing_commands" ] || finish failed "missing on this host:$missing_commands; install them and provision again"
  [ -n "$host_key" ] || finish failed "this host has no key that can be read: $agekey or $sshkey"
  sealed_to=$(request_field .credential.hostKey '(ssh-ed25519 |age1)[A-Za-z0-9+/]{50,100}' "$host_key")
  [ "$sealed_to" = "$host_key" ] || finish failed "this host has another key by now; plan again"
  make_user
  each_part directory put_directory
  each_part file put_file_but_unit
  each_part absent put_away
  record_credential
  each_part file put_unit
  settle_unit
  for kind in directory file absent; do each_part "$kind" check_part; done
  [ "$(unit_property LoadState) $(unit_property NeedDaemonReload)" = 'loaded no' ] || finish failed "$unit is not loaded as it is written"
  if [ "$restart_pending" = true ]; then
    finish present 'as declared; the process is older than its unit: restart it'
  fi
  if [ -n "$changed" ]; then finish present 'as declared now'; fi
  finish present 'as declared; nothing had to change'
}

# remove: the service goes, what it wrote stays. The unit's file goes after the unit has stopped, so that a killed run
# still knows what to stop.
remove() {
  if [ "$(unit_property LoadState)" != not-found ]; then
    if is_running; then
      timeout 700 systemctl stop "$unit"
      note stopped 'the unit is'
    fi
    systemctl disable --no-reload "$unit" || :
  fi
  if [ -e "$unit_file" ] || [ -L "$unit_file" ]; then
    rm -f "$unit_file"
    note "$unit_file" 'removed'
  fi
  if [ "$(unit_property LoadState)" != not-found ]; then systemctl daemon-reload; fi
  systemctl reset-failed "$unit" || :
  put_away "$settings/credential.age"
  put_away "$settings/descriptor.yaml"
  if [ -d "$settings" ]; then rmdir --ignore-fail-on-non-empty "$settings"; fi
  rm -f "$pending" "$record" "$settings"/*."$service.new" "$unit_file.$service.new" \
    "/usr/local/lib/conveyor/bootstrap.$service.new"
  if [ -d "$folder" ]; then finish absent "removed; its data in $folder and its user $user are left"; fi
  finish absent 'nothing of this service is here'
}

observe() {
  read_pending
  if [ ! -e "$unit_file" ] && [ ! -e "$settings" ]; then finish absent 'not provisioned'; fi
  finish present 'as seen'
}

main() {
  schema=$(request_field .schema '[0-9]{1,3}')
  [ "$schema" = 1 ] || finish refused 'the request is of another schema than 1'
  service=$(request_field .service '[a-z][a-z0-9-]{0,39}')
  action=$(request_field .action 'observe|apply|remove')
  promotion=$(request_field .promotion '[A-Za-z0-9._:/-]{1,200}' -)
  # Linux takes 32 characters of a user's name; hostPlaces says the same.
  user=wardnet-$service
  if [ "${#user}" -gt 32 ]; then
    user=$(printf '%s' "$user" | cut -c 1-23)-$(printf '%s' "$service" | sha256sum | cut -c 1-8)
  fi
  unit=wardnet-$service.service
  unit_file=/etc/systemd/system/$unit
  folder=/srv/wardnet/$service
  settings=/etc/wardnet/services/$service
  record=/var/lib/conveyor/$service/provision.json
  pending=/var/lib/conveyor/$service/restart-pending
  restart_wanted=$(request_field .restart 'true|false' false)
  : "$promotion"
  open_log "$service"
  look_for_commands
  if [ "$action" = apply ]; then read_parts; fi
  if [ "$action" = observe ]; then
    wait_for_changes
  else
    take_lock
    hold_looks
    # Provisioning tells its result to whoever asked; record.json is deployment's.
    state_dir=''
  fi
  read_host_key
  "$action"
}

main
