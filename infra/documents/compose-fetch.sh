# shellcheck shell=sh
# The commands of compose and docker that bring an image onto the host, and what they may say.

# ---- commands whose output may hold what nobody is to see

# without_values: stdin, but for the lines that hold a value of the service's env files. A parser of compose quotes the
# line that it cannot read.
without_values() {
  awk -v files="$folder/$env_file $state_dir/staged/$env_file" '
    BEGIN {
      n = split(files, file, " ")
      for (i = 1; i <= n; i++)
        while ((getline line < file[i]) > 0) {
          sub(/^[A-Za-z_][A-Za-z0-9_]*=/, "", line)
          gsub(/^\047|\047$/, "", line)
          if (length(line) >= 4) value[line]
        }
    }
    { for (one in value) if (index($0, one)) { print "(a line with a value of the env file is left out)"; next }
      print }'
}

# quietly SECONDS COMMAND…: runs it in the service's folder, its output into the log; the last line is kept in `told`.
# The lock stays with the command: where it outlives this script, the next one finds the service busy.
quietly() {
  seconds=$1
  shift
  command_code=0
  output=$(cd "$folder" && env -u "$variable" -u IMAGE -u IMAGE_DIGEST timeout -k 10 "$seconds" "$@" 2>&1 3>&- 5>&-) ||
    command_code=$?
  output=$(printf '%s\n' "$output" | without_values)
  printf '%s\n' "$output" >&4 || :
  told=$(printf '%s\n' "$output" | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-160) || told=''
  if [ "$command_code" = 124 ]; then told="it took longer than $seconds s"; fi
  return "$command_code"
}

compose() {
  seconds=$1
  shift
  # `docker compose` is two words.
  # shellcheck disable=SC2086
  quietly "$seconds" $compose_command -p "$project" -f docker-compose.yml "$@"
}

# ---- the registry

# log_in: by the instance's role, into a configuration of its own that ends with this run: the token is good for hours.
# What the host's own configuration says (other registries, proxies, plugins) stays true beside it.
log_in() {
  [ -n "$registry_host" ] || return 0
  rm -rf "$login_dir"
  (umask 077 && mkdir -p "$login_dir" &&
    if [ -f "$own_config/config.json" ]; then
      jq --arg host "$registry_host" 'del(.credsStore, .credHelpers[$host]?)' "$own_config/config.json" \
        >"$login_dir/config.json"
    fi) || { problem="$login_dir could not be made"; return 1; }
  if [ -d "$own_config/cli-plugins" ]; then ln -s "$own_config/cli-plugins" "$login_dir/cli-plugins"; fi
  if ! aws_credentials; then
    problem=$aws_problem
    return 1
  fi
  if ! answer=$(printf '{"registryIds":["%s"]}' "$registry_account" |
    aws_json ecr "$registry_region" AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken); then
    problem="ECR of $registry_account gave no token: $(refresh_error_of "$answer")"
    return 1
  fi
  DOCKER_CONFIG=$login_dir
  export DOCKER_CONFIG
  if ! printf '%s' "$answer" | jq -rs 'last | .authorizationData[0].authorizationToken' | base64 -d |
    sed 's/^AWS://' | timeout 60 docker login --username AWS --password-stdin "$registry_host" 3>&- 5>&-; then
    problem="$registry_host refused the login of this instance's role, or cannot be reached"
    return 1
  fi
}

log_out() {
  rm -rf "$login_dir"
}

# fetch_image DIGEST: these bytes and no others; a registry that answers with other bytes is refused by docker itself.
fetch_image() {
  if ! quietly "$pull_seconds" docker pull --quiet "$image@$1"; then
    problem="$image@$1 could not be pulled: $told"
    return 1
  fi
}

# check_composition: before anything is started: every image of this repository that docker-compose.yml would run, as it
# is on this host now, is the promoted one.
check_composition() {
  # shellcheck disable=SC2086
  if ! composition=$(cd "$folder" && env -u "$variable" -u IMAGE -u IMAGE_DIGEST \
    timeout 60 $compose_command -p "$project" -f docker-compose.yml config 2>/dev/null 3>&- 5>&-); then
    compose 60 config --quiet || :
    problem="docker-compose.yml is not right: $told"
    return 1
  fi
  named=$(printf '%s\n' "$composition" | sed -n "s/^ *image: *['\"]\{0,1\}\([^'\" ]*\).*/\1/p" |
    grep -Ex '[A-Za-z0-9._:/@-]+' | sort -u) || named=''
  composition=''
  seen=no
  for reference in $named; do
    case $reference in "$image" | "$image:"* | "$image@"*) ;; *) continue ;; esac
    seen=yes
    known_digests=$(timeout 60 docker image inspect --format '{{join .RepoDigests " "}}' "$reference") || known_digests=''
    case " $known_digests " in
      *" $image@$digest "*) ;;
      *)
        problem="$reference is ${known_digests:-not on this host}, not the promoted $digest; nothing was started"
        return 1
        ;;
    esac
  done
  if [ "$seen" = no ]; then
    problem="docker-compose.yml runs no image of $image: use \${IMAGE}, or $image:\${$variable}"
    return 1
  fi
}
