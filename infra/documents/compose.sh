# shellcheck shell=sh
# A docker compose service on this host: one version in, or back to the last good one, or only looked at.
# After common.sh, forge-refresh-env, compose-look.sh, compose-fetch.sh, compose-files.sh and compose-return.sh.
#
# What can fail without harm comes first: parameters and the image are fetched before anything in the folder changes.
# Then the three files (docker-compose.yml, .env, the env file) are put in place, `up -d`, and what runs is read back.
# /var/lib/conveyor/<service>/ (0700) keeps
#   good       versions that passed here, the last one first (common.sh)
#   kept/      <version>.tar: the three files with which that version passed
#   staged/    the files of the version that is being deployed
#   switching  there from the first change in the folder until what runs has been seen to be right

# How long a container without a health check has to have run before it counts as started.
settle_seconds=5
pull_seconds=900
up_seconds=600
problem=''

read_compose_request() {
  read_deployment compose
  image=$(request_field .image '([a-z0-9][a-z0-9.-]*[.:][a-z0-9.:-]*|localhost)(/[a-z0-9]+([._-]+[a-z0-9]+)*)+')
  # Parts that begin with a letter, a digit or _: no .. and no hidden folders.
  folder=$(request_field .folder '(/[A-Za-z0-9_][A-Za-z0-9._-]*){2,10}')
  variable=$(request_field .variable '[A-Z_][A-Z0-9_]{0,63}' IMAGE_TAG)
  case $variable in
    IMAGE | IMAGE_DIGEST | COMPOSE_* | PATH) finish refused "the request's .variable has another meaning: $variable" ;;
  esac
  env_file=$(request_field .envFile '[.A-Za-z0-9_][A-Za-z0-9._-]{0,63}' .env.forge)
  case $env_file in
    . | .. | .env | docker-compose.yml) finish refused "the request's .envFile is a file of its own: $env_file" ;;
  esac
  parameters=$(request_field .parameters '(/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,15}' '')
  prune=$(request_field .prune 'previous|none' previous)
  registry_host=$(request_field .registry.host '[a-z0-9][a-z0-9.-]{0,252}(:[0-9]{1,5})?' '')
  if [ -n "$registry_host" ]; then
    registry_region=$(request_field .registry.region '[a-z]{2}(-[a-z]+)+-[0-9]')
    registry_account=$(request_field .registry.account '[0-9]{12}')
    [ "$registry_host" = "${image%%/*}" ] || finish refused "the request's .registry.host is not the registry of .image"
  fi
  if [ "$action" = deploy ]; then
    compose_text=$(request_field .composeFile.text '[A-Za-z0-9+/]{4,}={0,2}')
    compose_digest=$(request_field .composeFile.digest "$DIGEST_PATTERN")
  fi
}

# ---- the way there

# deploy: ends the script.
deploy() {
  if ! stage; then give_up; fi
  look "$digest"
  if ! adopt || ! prepare; then give_up; fi
  if [ ! -e "$state_dir/switching" ] && [ "$digest_now" = "$digest" ] && in_place "$staged"; then
    if settle "$digest" "$health_seconds"; then
      keep_as_good || give_up
      finish running "$version runs already; nothing was changed"
    fi
    say "$version runs but is not well: $problem"
    restart_containers
  fi
  if ! log_in || ! fetch_image "$digest"; then give_up; fi
  if ! touch "$state_dir/switching" || ! place "$staged"; then give_up; fi
  if ! compose "$pull_seconds" pull --quiet; then
    problem="compose pull failed: $told"
    give_up
  fi
  if ! check_composition; then give_up; fi
  started=yes
  if ! bring_up || ! settle "$digest" "$health_seconds" || ! keep_as_good; then give_up; fi
  log_out
  clear_away || say 'old images could not be removed'
  finish running "$version runs, and its health check: $health"
}

bring_up() {
  say "starting $project with $compose_command"
  if ! compose "$up_seconds" up --detach --remove-orphans; then
    problem="compose up failed: $told"
    return 1
  fi
}

# What `up` leaves alone, for nothing changed, but is not well.
restart_containers() {
  names=$(printf '%s' "$found_containers" | jq -r '.[] | select(.job | not) | .name')
  # Names are words.
  # shellcheck disable=SC2086
  quietly 120 docker restart $names || :
}

# adopt: a service that ran here before Conveyor came has something to return to as well.
adopt() {
  if [ -n "$good_now" ] || [ -e "$state_dir/switching" ] || [ ! -f "$folder/docker-compose.yml" ]; then return 0; fi
  if [ "$active" = false ] || [ -z "$digest_now" ] || [ -z "$version_now" ]; then return 0; fi
  printf '%s\n' "$version_now" | grep -Eqx "$VERSION_PATTERN" || return 0
  if ! pack "$folder" "$version_now.tar" ||
    ! printf '%s %s\n' "$version_now" "$digest_now" | write_atomically "$(good_file)"; then
    problem="$state_dir cannot be written: is the disk full?"
    return 1
  fi
  read_good
  say "found $version_now running; it is what a failed deploy returns to"
}

# prepare: what a full disk could forbid later is written before anything changes.
prepare() {
  if printf '%s %s\n' "$version" "$digest" | write_atomically "$state_dir/wanted" &&
    prepare_good "$version" "$digest" && pack "$staged" "$version.tar.prepared" && note_hold; then return 0; fi
  problem="$state_dir cannot be written: is the disk full?"
  return 1
}

keep_as_good() {
  if mv -fT "$state_dir/kept/$version.tar.prepared" "$state_dir/kept/$version.tar" && keep_good &&
    rm -f "$state_dir/switching" && end_hold; then return 0; fi
  problem="$state_dir cannot be written"
  return 1
}

# clear_away: images of this repository that no good version of any service here needs and no container is made of; and
# the files of versions that nothing returns to.
clear_away() {
  for tar in "$state_dir"/kept/*.tar; do
    name=${tar##*/}
    good_versions | head -n "$keep" | grep -q "^${name%.tar} " || rm -f "$tar"
  done
  [ "$prune" = previous ] || return 0
  needed=" $(for file in /var/lib/conveyor/*/good; do head -n 2 "$file"; done | cut -d ' ' -f 2 | tr '\n' ' ')"
  used=" $(docker ps -aq --no-trunc | xargs -r docker inspect --format '{{.Image}}' | tr '\n' ' ')"
  docker image ls --quiet --no-trunc "$image" | sort -u | while read -r id; do
    case $used in *" $id "*) continue ;; esac
    names=$(docker image inspect --format '{{join .RepoDigests "\n"}}{{"\n"}}{{join .RepoTags "\n"}}' "$id")
    for name in $names; do
      case "$name$needed" in "$image@"*" ${name#*@} "*) continue 2 ;; esac
    done
    for name in $names; do
      case $name in "$image:"* | "$image@"*) docker rmi "$name" || : ;; esac
    done
  done
}

# tidy: what a run, this one or one that was killed, leaves over.
tidy() {
  log_out
  rm -rf "$state_dir/staged" "$state_dir/returning" "$state_dir"/kept/*.prepared "$state_dir"/kept/*.new || :
}

# ---- the other actions

# What finish tells as health of what runs now, whatever was asked for.
judge_health() {
  health=none
  if [ -n "$digest_now" ] && ! settle "$digest_now" 5; then say "not well: $problem"; fi
}

restore() {
  [ -n "$version" ] || finish refused 'restore needs the version that was rejected'
  read_good
  target=$(kept_version "$version" "$digest")
  if [ -z "$target" ]; then
    look ''
    finish failed "no other version than $version was good here: nothing to go back to"
  fi
  forget_good "$version" || say "$(good_file) could not be written"
  say "going back to $target: ${asked_because:-$version was rejected}"
  look "${target#* }"
  if [ ! -e "$state_dir/switching" ] && [ "$digest_now" = "${target#* }" ] && settle "${target#* }" 10; then
    finish running "${target% *} runs already"
  fi
  # shellcheck disable=SC2086
  if return_to $target; then finish running "returned to ${target% *}"; fi
  finish failed "the return to ${target% *} failed: $problem"
}

observe() {
  look "$digest"
  if [ "$found_containers" = '[]' ]; then
    if [ -z "$good_now" ]; then finish absent "no container of $project here runs $image"; fi
    finish failed "$good_now was good here, but no container of $project runs $image now"
  fi
  judge_health
  if [ "$health" = failed ]; then finish failed "$problem"; fi
  if [ "$active" = false ]; then finish failed "not all containers of $project run"; fi
  if [ -n "$digest" ] && [ "$digest_now" != "$digest" ] || [ -n "$version" ] && [ "$version_now" != "$version" ]; then
    finish failed "${version_now:-$digest_now} runs, not ${version:-$digest}"
  fi
  finish running "${version_now:-$digest_now} runs"
}

need cmp docker readlink stat xargs
read_compose_request
open_log "$service"
login_dir=/run/conveyor/$service.docker
own_config=${DOCKER_CONFIG:-${HOME:-/root}/.docker}
started=no
if [ "$action" != observe ]; then
  take_lock
  # The files in there hold the service's secrets.
  chmod 0700 "$state_dir"
  trap 'code=$?; tidy; set +e; (exit "$code"); end_of_script' EXIT
  tidy
fi
find_compose
project_name
"$action"
