# shellcheck shell=sh disable=SC2034,SC2154
# (The request's fields are set by common.sh, which comes first.)
#
# What is on the host of a systemd service, and what runs. <root>/releases/<version> is a release; it is whole if its marker
# is there, which holds the digest of its tarball. <root>/current points at the one that the unit runs.

MARKER=.conveyor-release

problem=''

# look: what the unit and `current` are now. fresh: its process began after `current` was switched, so it is that release.
look() {
  load_state='' active_state='' sub_state='' main_pid=0 invocation='' job='' restarts=0 result='' status='' unit_user=''
  started='' active=false fresh=false started_at='' version_now='' digest_now=''
  while IFS='=' read -r name value; do
    case $name in
      LoadState) load_state=$value ;;
      ActiveState) active_state=$value ;;
      SubState) sub_state=$value ;;
      MainPID) main_pid=$value ;;
      InvocationID) invocation=$value ;;
      Job) job=$value ;;
      NRestarts) restarts=$value ;;
      Result) result=$value ;;
      ExecMainStatus) status=$value ;;
      User) unit_user=$value ;;
      ExecMainStartTimestamp) started=$value ;;
    esac
  done <<UNIT
$(systemctl show --timestamp=us+utc --property=LoadState,ActiveState,SubState,MainPID,InvocationID,Job \
    --property=NRestarts,Result,ExecMainStatus,User,ExecMainStartTimestamp -- "$unit")
UNIT
  current_version=''
  if points_at=$(readlink "$root/current"); then current_version=${points_at##*/}; fi
  [ "$active_state" = active ] && [ "${main_pid:-0}" -gt 0 ] || return 0
  active=true
  started_at=$(date -u -d "$started" +%Y-%m-%dT%H:%M:%S.%3NZ)
  started_ns=$(date -u -d "$started" +%s%N)
  if [ -n "$current_version" ]; then
    # The change time of the link itself: the moment of the rename.
    switched_ns=$(stat -c %.9Z "$root/current" | tr -d .)
    [ "$started_ns" -lt "$switched_ns" ] || fresh=true
  fi
  runs_from=$(release_of_process)
  if [ -n "$runs_from" ]; then
    [ "$runs_from" = "$current_version" ] || fresh=false
    version_now=$runs_from
  elif [ "$fresh" = true ]; then
    version_now=$current_version
  fi
  digest_now=$(digest_of_release "$version_now")
}

# The release that the process has its folder or its program in, where it has.
release_of_process() {
  real_root=$(readlink -f "$root") || return 0
  for link in cwd exe; do
    path=$(readlink "/proc/$main_pid/$link") || continue
    case $path in
      "$real_root"/releases/*)
        path=${path#"$real_root"/releases/}
        printf '%s' "${path%%/*}"
        return
        ;;
    esac
  done
}

# digest_of_release VERSION: of the tarball that it was unpacked from; nothing if it is not whole.
digest_of_release() {
  if [ -n "$1" ] && [ -f "$root/releases/$1/$MARKER" ]; then cat "$root/releases/$1/$MARKER"; fi
}

# The newest version that was good here, other than VERSION, and is still whole on the disk.
good_other_than() {
  good_versions | while read -r name digest_then; do
    if [ "$name" != "$1" ] && [ "$(digest_of_release "$name")" = "$digest_then" ]; then
      printf '%s' "$name"
      break
    fi
  done
}

describe_unit() {
  printf '%s is %s/%s (%s, status %s)' "$unit" "$active_state" "$sub_state" "$result" "$status"
}

require_unit() {
  case $load_state in
    loaded) ;;
    masked) finish failed "unit $unit is masked on this host" ;;
    *) finish failed "unit $unit is not on this host: provision it first" ;;
  esac
}
