# shellcheck shell=sh
# The three files of a compose service: docker-compose.yml, .env and the env file, as they will be, are and were.

# stage: the files as they will be, into staged/.
stage() {
  staged=$state_dir/staged
  if ! { rm -rf "$staged" && mkdir -p "$staged" "$folder"; }; then
    problem="$folder or $state_dir cannot be written"
    return 1
  fi
  if ! printf '%s' "$compose_text" | base64 -d >"$staged/docker-compose.yml"; then
    problem="the request's .composeFile.text is not base64, or the disk is full"
    return 1
  fi
  if [ "sha256:$(sha256sum <"$staged/docker-compose.yml" | cut -d ' ' -f 1)" != "$compose_digest" ]; then
    problem="docker-compose.yml came with another digest than $compose_digest"
    return 1
  fi
  chmod 0644 "$staged/docker-compose.yml"
  if [ -f "$folder/.env" ]; then cp -p "$folder/.env" "$staged/.env"; else (umask 077 && : >"$staged/.env"); fi || return 1
  if ! own_lines=$(awk -v names="$variable|IMAGE|IMAGE_DIGEST" \
    '$0 !~ "^[ \t]*(export[ \t]+)?(" names ")[ \t]*="' "$staged/.env") ||
    ! {
      if [ -n "$own_lines" ]; then printf '%s\n' "$own_lines"; fi
      printf '%s=%s\nIMAGE_DIGEST=%s\nIMAGE=%s\n' "$variable" "$version" "$digest" "$image@$digest"
    } >"$staged/.env"; then
    problem="$staged/.env could not be written: is the disk full?"
    return 1
  fi
  own_lines=''
  if [ -n "$parameters" ] && ! refresh_env "$parameters" "$region" "$staged/$env_file"; then
    problem=$refresh_problem
    return 1
  fi
}

# pack FROM NAME: its files in one, kept/NAME, that is there whole or not at all.
pack() {
  packed=$state_dir/kept/$2
  mkdir -p "$state_dir/kept" || return 1
  set -- "$1"
  for name in docker-compose.yml .env "$env_file"; do
    if [ -f "$1/$name" ]; then set -- "$@" "$name"; fi
  done
  if (umask 077 && tar -cf "$packed.new" -C "$@" && sync "$packed.new") && mv -fT "$packed.new" "$packed"; then return 0; fi
  rm -f "$packed.new"
  return 1
}

# in_place FROM: 0 if the folder's files are these already.
in_place() {
  for name in docker-compose.yml .env "$env_file"; do
    [ ! -f "$1/$name" ] || cmp -s "$1/$name" "$folder/$name" || return 1
  done
}

# place FROM: each file by a rename; modes and owners as they are there.
place() {
  for name in docker-compose.yml .env "$env_file"; do
    if [ ! -f "$1/$name" ] || cmp -s "$1/$name" "$folder/$name"; then continue; fi
    if ! { cp -p "$1/$name" "$folder/.conveyor-new" && sync "$folder/.conveyor-new" &&
      mv -fT "$folder/.conveyor-new" "$folder/$name" && sync "$folder"; }; then
      rm -f "$folder/.conveyor-new"
      problem="$folder/$name could not be written: is the disk full?"
      return 1
    fi
  done
}
