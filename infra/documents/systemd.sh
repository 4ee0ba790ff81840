# shellcheck shell=sh disable=SC2034,SC2154
# (The request's fields and the host's state are set by common.sh, systemd-look.sh and systemd-release.sh, which come first.)
#
# A systemd service is switched, started, judged by what is seen, and brought back where it does not do well.

# A unit that still runs after so many seconds did not die of its start.
SETTLED_SECONDS=3

# ---- switching and starting

# point_current_at VERSION: the one moment at which the service is another.
point_current_at() {
  ln -sfn "releases/$1" "$root/.current.new" && mv -fT "$root/.current.new" "$root/current" && sync "$root"
}

# Does not wait for systemd: what counts is what is seen afterwards.
restart_unit() {
  before=$invocation
  # A new version is not to be refused because the one before used up its starts.
  systemctl reset-failed -- "$unit" || :
  if ! systemctl restart --no-block -- "$unit"; then
    problem="systemd did not take the restart of $unit"
    return 1
  fi
}

# wait_settled: a process of `current` runs, and has for some seconds. `before` is the invocation that must be over.
wait_settled() {
  give_up_at=$(($(date +%s) + health_seconds))
  while :; do
    look
    if [ "$active" = true ] && [ "$fresh" = true ] && [ "$invocation" != "$before" ]; then
      [ "$(($(date +%s%N) - started_ns))" -lt "${SETTLED_SECONDS}000000000" ] || return 0
    elif [ -z "$job" ]; then
      case $active_state in
        failed | inactive) break ;;
      esac
      [ "$restarts" -lt 3 ] || break
    fi
    [ "$(date +%s)" -lt "$give_up_at" ] || break
    pause 0.5
  done
  problem="$(describe_unit) after its start"
  return 1
}

# bring_up VERSION: it is `current`, the unit runs it, and it is healthy. Restarts nothing that is so already.
bring_up() {
  switched=false
  look
  if [ "$current_version" != "$1" ]; then
    if ! point_current_at "$1"; then
      problem="$root/current could not be switched to $1"
      return 1
    fi
    switched=true
    say "current is $1"
    current_version=$1
  fi
  before=none
  if [ "$switched" = false ] && [ "$active" = true ] && [ "$fresh" = true ]; then
    age=$((($(date +%s%N) - started_ns) / 1000000000))
    # One that began a moment ago has its time to become healthy; another has had it.
    patience=$((health_seconds - age))
    [ "$patience" -ge 5 ] || patience=5
    if stays_healthy "$patience"; then return 0; fi
    say "$1 runs but is not well ($problem): restarting it"
    look
  fi
  restart_unit && stays_healthy "$health_seconds"
}

stays_healthy() {
  wait_settled || return 1
  settled_pid=$main_pid
  if ! wait_healthy "$health_url" "$1"; then
    problem="the health check $health_url did not pass within $1 s"
    return 1
  fi
  look
  if [ "$active" = false ] || [ "$main_pid" != "$settled_pid" ]; then
    problem="$(describe_unit) after its health check"
    return 1
  fi
}

# ---- going back

# The service's own hook, as the unit's own user, without the lock and without a place in the result.
run_cleanup() {
  [ -n "$cleanup" ] || return 0
  hook=$(readlink -f "$root/$cleanup") || hook=''
  case $hook in
    "$(readlink -f "$root")"/*) ;;
    *) hook='' ;;
  esac
  if [ -z "$hook" ] || [ ! -f "$hook" ] || [ ! -x "$hook" ]; then
    problem="$problem; the cleanup hook $cleanup is no executable below $root"
    return 0
  fi
  hook_code=0
  timeout -k 5 60 runuser -u "${unit_user:-root}" -- env -i PATH="$PATH" CONVEYOR_SERVICE="$service" \
    CONVEYOR_ENVIRONMENT="$environment" CONVEYOR_VERSION="$version" CONVEYOR_GOOD="$1" \
    "$hook" 3>&- 5>&- 9>&- </dev/null || hook_code=$?
  say "cleanup hook $hook ended with $hook_code"
  [ "$hook_code" -eq 0 ] || problem="$problem; the cleanup hook ended with $hook_code"
}

# return_to_good: VERSION did not make it; `problem` says why. Ends the script.
return_to_good() {
  look
  read_good
  say "$version failed: $problem"
  if [ "$current_version" != "$version" ] && [ "$active" = true ] && [ "$fresh" = true ]; then
    wait_healthy "$health_url" 5 || :
    finish failed "$problem; nothing was changed, $version_now runs"
  fi
  forget_good "$version" || say "$(good_file) could not be written"
  target=$(good_other_than "$version")
  if [ "$current_version" = "$version" ]; then run_cleanup "$target"; fi
  why=$problem
  if [ -n "$target" ]; then
    if bring_up "$target"; then finish failed "$why; returned to $target"; fi
    look
    finish failed "$why; the return to $target failed too: $problem"
  fi
  if [ "$current_version" = "$version" ] || [ -z "$current_version" ]; then
    timeout 120 systemctl stop -- "$unit" || say "$unit could not be stopped"
    rm -f "$root/current"
    look
    health=none
    finish failed "$why; nothing was good here before, so $unit is stopped"
  fi
  finish failed "$why; $current_version stays, nothing was good here before"
}

# Keeps the newest releases, and always `current`, the good one and the one good before it.
prune() {
  needed=" $current_version $(good_versions | head -n 2 | cut -d ' ' -f 1 | tr '\n' ' ')"
  find "$root/releases" -mindepth 2 -maxdepth 2 -name "$MARKER" -printf '%T@ %h\n' | sort -rn |
    tail -n "+$((keep + 1))" | while read -r _ path; do
    case $needed in *" ${path##*/} "*) continue ;; esac
    say "removing release ${path##*/}"
    remove_release "${path##*/}"
  done
}

# finish_running VERSION REASON: looks once more, so that `running` is never told of what was seen a while ago.
finish_running() {
  look
  if [ "$active" = true ] && [ "$fresh" = true ] && [ "$version_now" = "$1" ]; then finish running "$2"; fi
  finish failed "$1 ran, and now $(describe_unit)"
}

# ---- the three actions

deploy() {
  require_unit
  here=$(digest_of_release "$version")
  if [ -n "$here" ] && [ "$here" != "$digest" ]; then
    finish failed "$version is on this host as $here, not as $digest: a version has one content"
  fi
  mkdir -p "$root/releases" || finish failed "cannot make $root/releases ($(free_space))"
  clear_leftovers
  # What has to be written is written before anything changes: a full disk stops a deploy, never a return.
  if ! { printf '%s %s\n' "$version" "$digest" | write_atomically "$state_dir/wanted"; } ||
    ! prepare_good "$version" "$digest" || ! note_hold; then
    problem="$state_dir cannot be written: no space left?"
    return_to_good
  fi
  if ! bring_release || ! bring_up "$version"; then return_to_good; fi
  keep_good || say "$(good_file) could not be written"
  end_hold || say 'the hold could not be taken away'
  touch "$root/releases/$version/$MARKER" || :
  prune || say 'old releases could not be removed'
  finish_running "$version" "$version runs"
}

restore() {
  require_unit
  [ -n "$version" ] || finish refused 'restore needs the version that was rejected'
  target=$(good_other_than "$version")
  [ -n "$target" ] || finish failed "no other version than $version was good here: nothing to go back to"
  forget_good "$version" || say "$(good_file) could not be written"
  say "going back to $target: ${asked_because:-$version was rejected}"
  if ! bring_up "$target"; then
    look
    finish failed "the return to $target failed: $problem"
  fi
  finish_running "$target" "returned to $target"
}

observe() {
  if [ "$active" = false ] && [ -z "$current_version" ]; then finish absent "nothing of $service is on this host"; fi
  [ "$active" = true ] || finish failed "$(describe_unit)"
  [ -n "$current_version" ] || finish failed "$unit runs, but no release is $root/current"
  wait_healthy "$health_url" "$health_seconds" || :
  [ "$fresh" = true ] || finish failed "the process is older than the switch to $current_version"
  [ -n "$digest_now" ] || finish failed "$current_version is no whole release"
  [ "${version:-$version_now}" = "$version_now" ] || finish failed "$version_now runs, not $version"
  [ "${digest:-$digest_now}" = "$digest_now" ] || finish failed "$version_now runs as $digest_now, not as $digest"
  [ "$health" != failed ] || finish failed "$version_now runs, but $health_url does not answer well"
  finish running "$version_now runs"
}

need systemctl flock find stat readlink df gzip runuser
read_deployment systemd
root=$(request_field .root '(/[A-Za-z0-9_][A-Za-z0-9._-]*){2,8}' "/srv/wardnet/$service")
unit=$(request_field .unit '[A-Za-z0-9][A-Za-z0-9:_.@-]{0,99}\.service' "wardnet-$service.service")
if [ "$action" = deploy ]; then
  bucket=$(request_field .source.bucket '[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]')
  key=$(request_field .source.key '[A-Za-z0-9_][A-Za-z0-9_-]*(([./])[A-Za-z0-9_-]+)*')
  source_region=$(request_field .source.region '[a-z]{2}(-[a-z]+)+-[0-9]' "$region")
fi
if [ "$action" != observe ]; then
  open_log "$service"
  take_lock
  say "$action ${version:-}"
fi
look
read_good
case $action in
  deploy) deploy ;;
  restore) restore ;;
  *) observe ;;
esac
