# shellcheck shell=sh
# What runs of a compose project, as the docker daemon tells it. Only looks.

# find_compose: `docker compose` where the host has it, else `docker-compose`.
find_compose() {
  if docker compose version >/dev/null 2>&1; then
    compose_command='docker compose'
  elif command -v docker-compose >/dev/null; then
    compose_command=docker-compose
  else
    finish failed 'neither docker compose nor docker-compose is on this host: install one of them'
  fi
  timeout 30 docker version >/dev/null || finish failed 'the docker daemon on this host does not answer'
}

# project_name: what compose itself would take where somebody set it, else the service's name.
project_name() {
  project=${COMPOSE_PROJECT_NAME:-}
  if [ -z "$project" ] && [ -f "$folder/.env" ]; then
    project=$(sed -n 's/^COMPOSE_PROJECT_NAME=//p' "$folder/.env" | tail -n 1)
  fi
  project=${project:-$service}
  printf '%s\n' "$project" | grep -Eqx '[a-z0-9][a-z0-9_-]{0,62}' ||
    finish refused 'COMPOSE_PROJECT_NAME is no name that compose takes (a-z, 0-9, _ and -)'
}

# containers: the project's containers of this image's repository, as JSON. A container counts by the image that it was
# made of: its id, and the digests under which the daemon knows that id. What their file says does not count.
containers() {
  ids=$(timeout 60 docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project") || return 1
  if [ -z "$ids" ]; then
    printf '[]\n'
    return 0
  fi
  # One of them may be gone since: docker then tells of the others and ends with 1. Ids are words.
  # shellcheck disable=SC2086
  found=$(timeout 60 docker inspect --type container $ids 2>/dev/null | jq -c 'map({
      name: (.Name | ltrimstr("/")), reference: .Config.Image, image: .Image, status: .State.Status,
      exit: .State.ExitCode, started: .State.StartedAt, health: (.State.Health.Status // "none"),
      job: (.Config.Labels["conveyor.job"] == "true"),
      once: (.Config.Labels["com.docker.compose.oneoff"] == "True") })')
  images=$(printf '%s' "$found" | jq -r 'map(.image) | unique | .[]')
  # shellcheck disable=SC2086
  digests=$(timeout 60 docker image inspect $images 2>/dev/null | jq -c 'map({(.Id): .RepoDigests}) | add // {}') || :
  printf '%s\n%s\n' "$found" "${digests:-"{}"}" | jq -cs --arg repository "$image" '
    .[1] as $digests | .[0] | map(. + {digests: [$digests[.image] // [] | .[]
      | select(startswith($repository + "@")) | ltrimstr($repository + "@")]}
    | select(.once | not)
    | select((.digests | length > 0) or .reference == $repository
        or (.reference | startswith($repository + ":") or startswith($repository + "@"))))'
}

# look DIGEST: reads what runs now → digest_now version_now started_at active found_containers. Where the containers
# differ, that one is told which is not DIGEST; the oldest start of all.
look() {
  found_containers=$(containers) || found_containers='[]'
  read_good
  set -- "$(printf '%s' "$found_containers" | jq -r --arg wanted "$1" '
    map(select(.status == "running")) as $up
    | ($up | map(select(.digests | index($wanted) | not)) + $up | .[0]) as $told
    | [ if $told == null then "-" elif $told.digests | index($wanted) then $wanted else $told.digests[0] // "-" end,
        ($up | map(.started) | min // "-"),
        (map(select(.job | not)) | length > 0 and all(.[]; .status == "running") | tostring),
        ($told.reference // "-") ] | join(" ")')"
  # Digests, times and references are words.
  # shellcheck disable=SC2086
  set -- $1
  digest_now=${1#-} started_at=${2#-} active=$3
  version_now=$(version_of "$digest_now" "${4#-}")
}

# version_of DIGEST REFERENCE: the name under which this host got that digest, else the tag that the container names.
version_of() {
  if [ -z "$1$2" ]; then return 0; fi
  if [ -n "$1" ] && [ "$1" = "$digest" ] && [ -n "$version" ]; then
    printf '%s\n' "$version"
    return 0
  fi
  known=$(good_versions | awk -v digest="$1" '$2 == digest { print $1; exit }')
  case $known,$2 in
    ,*@*) ;;
    ,"$image":*) printf '%s\n' "${2#"$image":}" ;;
    *) printf '%s\n' "$known" ;;
  esac
}

# judge DIGEST: `ok`, `wait WHY` or `failed WHY` of $found_containers. A container without a health check has to have run
# for a while; one labelled conveyor.job=true has to have ended with 0.
judge() {
  printf '%s' "$found_containers" | jq -r --arg wanted "$1" --arg repository "$image" --arg variable "$variable" \
    --argjson settle "$settle_seconds" --argjson now "$(date +%s)" '
    def age: $now - (.started | .[0:19] + "Z" | fromdateiso8601);
    def verdict:
      if .digests | index($wanted) | not then
        "failed \(.name) runs \(.digests[0] // .reference), not \($wanted): docker-compose.yml has to use ${IMAGE} or ${\($variable)}"
      elif .job and .status == "exited" and .exit == 0 then "ok"
      elif .status == "exited" or .status == "dead" then "failed \(.name) ended with exit code \(.exit)"
      elif .job then "wait \(.name) has not ended yet"
      elif .status != "running" then "wait \(.name) is \(.status)"
      elif .health == "healthy" then "ok"
      elif .health != "none" then "wait the health check of \(.name) says \(.health)"
      elif age < $settle then "wait \(.name) has just been started"
      else "ok" end;
    map(verdict) as $all
    | if any(.[]; .job | not) | not then
        "failed no container here runs \($repository): docker-compose.yml has to use ${IMAGE} or ${\($variable)}"
      else ([$all[] | select(startswith("failed"))] + [$all[] | select(startswith("wait"))] + ["ok"])[0] end'
}

# settle DIGEST SECONDS: waits until all containers run DIGEST and are healthy, then for the URL, then looks again.
# 0, or 1 and says why in problem. → health, and what look reads.
settle() {
  health=none
  settle_until=$(($(date +%s) + $2))
  while :; do
    look "$1"
    verdict=$(judge "$1")
    case $verdict in
      ok)
        [ "$health" != passed ] || return 0
        left=$((settle_until - $(date +%s)))
        if ! wait_healthy "$health_url" "$((left > 0 ? left : 1))"; then
          look "$1"
          verdict=$(judge "$1")
          problem="$health_url did not answer with 2xx within $2 s"
          [ "$verdict" = ok ] || problem=${verdict#* }
          return 1
        fi
        if [ "$health" = none ]; then
          # No URL: the containers' own health checks are the health, if they have any.
          case $found_containers in *'"health":"healthy"'*) health=passed ;; esac
          return 0
        fi
        ;;
      wait*)
        health=none
        problem="${verdict#wait } after $2 s"
        [ "$(date +%s)" -lt "$settle_until" ] || break
        pause 1
        ;;
      *)
        problem=${verdict#failed }
        break
        ;;
    esac
  done
  health=failed
  return 1
}
