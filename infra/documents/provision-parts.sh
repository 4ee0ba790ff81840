# What a request may put on a host, and how it is put there. Runs behind provision-look.sh.

# ---- the request's parts

# read_parts → parts, a line "KIND PATH OWNER GROUP MODE BASE64" each. Which paths, whose, and how open they may be is
# decided here, whatever the request says.
read_parts() {
  # shellcheck disable=SC2016 # jq's own variables
  parts=$(printf '%s' "$REQUEST" | jq -r --arg user "$user" --arg unit "$unit_file" --arg folder "$folder" \
    --arg settings "$settings" '
    def within($place; $names): . as $path | ($path | startswith($place + "/"))
      and ($path[($place | length) + 1:] | test($names));
    def file_path: . == $unit or within($settings; "\\A[a-z][a-z0-9-]{0,40}\\.[a-z]{1,10}\\z")
      or within("/usr/local/lib/conveyor"; "\\A[a-z][a-z0-9-]{0,40}\\z");
    def below_folder: within($folder; "\\A[a-z][a-z0-9-]{0,40}\\z")
      and . != $folder + "/releases" and . != $folder + "/current";
    def right:
      if (.path | type) != "string" then false
      elif .kind == "file" then
        (.path | file_path) and .owner == "root" and .group == "root"
        and (.mode | strings | test("\\A0[4-7][0145][0145]\\z"))
        and (.contentBase64 | strings | test("\\A[A-Za-z0-9+/]+={0,2}\\z"))
        and (if .path | endswith("/credential.age") then .mode == "0600" else true end)
      elif .kind == "directory" then
        "\(.owner):\(.group)" as $owners
        | (.mode | strings | test("\\A07[0145][0145]\\z"))
        and ((.path == $settings and $owners == "root:root") or (.path == $folder and $owners == $user + ":root")
          or ((.path | below_folder) and $owners == $user + ":" + $user))
      elif .kind == "absent" then .path | within($settings; "\\A[a-z][a-z0-9-]{0,40}\\.[a-z]{1,10}\\z")
      else false end;
    (.parts | arrays | to_entries[])
    | .key as $at | .value
    | if (try right catch false) then "\(.kind) \(.path) \(.owner) \(.group) \(.mode) \(.contentBase64 // "-")"
      else "wrong \($at + 1) - - - -" end') || finish refused 'the request has no parts that can be read'
  [ -n "$parts" ] || finish refused 'the request has no parts'
  wrong=$(printf '%s\n' "$parts" | grep '^wrong ' | head -n 1 | cut -d ' ' -f 2)
  [ -z "$wrong" ] || finish refused "part $wrong of the request is nothing that provisioning may put on a host"
}

# each_part KIND COMMAND…: COMMAND PATH OWNER GROUP MODE BASE64 for every part of that kind, in the request's order.
each_part() {
  wanted_kind=$1
  shift
  while read -r part_kind part_path part_owner part_group part_mode part_base64 <&8; do
    if [ "$part_kind" = "$wanted_kind" ]; then
      "$@" "$part_path" "$part_owner" "$part_group" "$part_mode" "$part_base64"
    fi
  done 8<<PARTS
$parts
PARTS
}

# ---- what is made

note() {
  say "$2 $1"
  changed="$changed ${1##*/}"
}

make_user() {
  entry=$(getent passwd "$user" || :)
  if [ -z "$entry" ]; then
    # A group of that name without the user is what a killed useradd leaves.
    if getent group "$user" >/dev/null; then set -- --gid "$user"; else set -- --user-group; fi
    useradd --system "$@" --no-create-home --home-dir "$folder/data" --shell /usr/sbin/nologin "$user"
    note "$user" 'made the user'
  elif [ "$(printf '%s' "$entry" | cut -d : -f 6)" != "$folder/data" ]; then
    finish failed "the user $user is on this host already, with another home; it is not this service's"
  fi
}

# Inside the service's folder all is done as the service: a link that it put there leads where it may go anyway.
as_user() { setpriv --reuid "$user" --regid "$user" --init-groups -- "$@"; }

put_directory() {
  [ "$(see "$1")" != "directory $2:$3 $4" ] || return 0
  case $(see "$1") in
    '' | directory*) ;;
    *) finish failed "$1 is there, and is no directory" ;;
  esac
  case $1 in
    "$folder"/*)
      if [ -d "$1" ]; then chown -h "$2:$3" "$1"; else as_user mkdir "$1"; fi
      as_user chmod "$4" "$1"
      ;;
    *)
      mkdir -p "$1"
      chown -h "$2:$3" "$1"
      chmod "$4" "$1"
      ;;
  esac
  note "$1" 'put the directory'
}

# put_file: the whole file beside its place, checked, on the disk, then renamed: it is never seen half.
put_file() {
  if [ "$(see "$1")" = "file $2:$3 $4 $(printf '%s' "$5" | base64 -d | sha256sum | cut -c 1-64)" ]; then return 0; fi
  case $(see "$1") in
    '' | file*) ;;
    *) finish failed "$1 is there, and is no file (a masked unit is a link; unmask it)" ;;
  esac
  # Named by the service, for one bootstrap serves them all and another service's run may be at it.
  fresh=$1.$service.new
  mkdir -p "$(dirname "$1")"
  if ! (umask 077 && printf '%s' "$5" | base64 -d >"$fresh"); then
    rm -f "$fresh"
    finish failed "$1 cannot be written; is the disk full?"
  fi
  if [ "$1" = "$settings/credential.age" ]; then check_credential "$fresh"; fi
  if [ "$1" = "$unit_file" ]; then note_unit_change "$fresh"; fi
  chown "$2:$3" "$fresh"
  chmod "$4" "$fresh"
  if ! { sync "$fresh" && mv -fT "$fresh" "$1" && sync "$(dirname "$1")"; }; then
    rm -f "$fresh"
    finish failed "$1 cannot be written; is the disk full?"
  fi
  note "$1" 'put the file'
}

# The unit goes last: what it starts is there before it is.
put_file_but_unit() { if [ "$1" != "$unit_file" ]; then put_file "$@"; fi; }
put_unit() { if [ "$1" = "$unit_file" ]; then put_file "$@"; fi; }

put_away() {
  if [ -e "$1" ] || [ -L "$1" ]; then
    rm -f "$1"
    note "$1" 'removed'
  fi
  if [ "$1" = "$settings/credential.age" ]; then rm -f "$record"; fi
}

# check_credential FILE: that this host can open it; where its plaintext goes nobody reads.
check_credential() {
  identity=$sshkey
  if [ -s "$agekey" ]; then identity=$agekey; fi
  if ! age -d -i "$identity" "$1" >/dev/null; then
    rm -f "$1"
    finish failed "the credential is not sealed to this host's key; plan again"
  fi
}

# The record is written behind the file: where it is behind it for good, the plan finds that they differ and seals again.
record_credential() {
  fingerprint=$(request_field .credential.fingerprint 'hmac-sha256:[0-9a-f]{64}' '')
  if [ -n "$fingerprint" ]; then
    jq -cn --arg fingerprint "$fingerprint" --arg hostKey "$host_key" \
      --arg sealed "$(sha256sum <"$settings/credential.age" | cut -c 1-64)" \
      '{schema: 1, fingerprint: $fingerprint, hostKey: $hostKey, sealed: $sealed}' | write_atomically "$record"
  fi
}
