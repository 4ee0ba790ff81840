# shellcheck shell=sh
# The way back: to this host's own last good version, from what is on its disk.

# give_up: the version did not make it; `problem` says why. Ends the script.
give_up() {
  look "$digest"
  say "$version failed: $problem"
  why=$problem
  if [ ! -e "$state_dir/switching" ]; then
    judge_health
    finish failed "$why; nothing was changed${version_now:+, $version_now runs}"
  fi
  run_cleanup
  target=$(kept_version '' '')
  if [ -z "$target" ]; then
    if [ "$started" = no ] && [ "$digest_now" != "$digest" ]; then
      finish failed "$why; nothing was good here before, and nothing was started"
    fi
    stop_containers
    look "$digest"
    rm -f "$state_dir/switching"
    finish failed "$why; nothing was good here before, so its containers are stopped"
  fi
  # Words: a version and a digest.
  # shellcheck disable=SC2086
  if return_to $target; then finish failed "$why; returned to ${target% *}"; fi
  finish failed "$why; the return to ${target% *} failed too: $problem"
}

# return_to VERSION DIGEST: with the files with which it passed.
return_to() {
  back=$state_dir/returning
  problem=''
  if ! { rm -rf "$back" && mkdir -p "$back" && touch "$state_dir/switching" &&
    tar -C "$back" -x -f "$state_dir/kept/$1.tar" && place "$back"; }; then
    problem=${problem:-"the files of $1 could not be put back"}
    return 1
  fi
  rm -rf "$back"
  if ! docker image inspect "$image@$2" >/dev/null && ! { log_in && fetch_image "$2"; }; then return 1; fi
  # A tag may have moved since; here it means what it meant when it passed.
  docker tag "$image@$2" "$image:$1" || :
  if ! bring_up || ! settle "$2" "$health_seconds"; then return 1; fi
  rm -f "$state_dir/switching"
}

# kept_version VERSION DIGEST: `VERSION DIGEST` of the last good one that is neither and whose files are kept.
kept_version() {
  good_versions | while read -r one its_digest; do
    if [ "$one" != "$1" ] && [ "$its_digest" != "$2" ] && [ -f "$state_dir/kept/$one.tar" ]; then
      printf '%s %s\n' "$one" "$its_digest"
      break
    fi
  done
}

# The service's own hook, without the lock and without a place in the result.
run_cleanup() {
  [ -n "$cleanup" ] || return 0
  hook=$(readlink -f "$folder/$cleanup") || hook=''
  case $hook in "$(readlink -f "$folder")"/*) ;; *) hook='' ;; esac
  if [ ! -f "$hook" ] || [ ! -x "$hook" ]; then
    why="$why; the cleanup hook $cleanup is no executable below $folder"
    return 0
  fi
  hook_code=0
  quietly 60 env CONVEYOR_SERVICE="$service" CONVEYOR_ENVIRONMENT="$environment" CONVEYOR_VERSION="$version" \
    CONVEYOR_GOOD="$good_now" "$hook" 9>&- </dev/null || hook_code=$?
  say "cleanup hook $hook ended with $hook_code"
  [ "$hook_code" -eq 0 ] || why="$why; the cleanup hook ended with $hook_code"
}

# Volumes stay. Where the file is so wrong that compose does nothing, at least what runs of this image ends.
stop_containers() {
  compose 120 down --remove-orphans && return 0
  names=$(printf '%s' "$found_containers" | jq -r '.[].name')
  # shellcheck disable=SC2086
  [ -z "$names" ] || quietly 120 docker rm --force $names || :
}
