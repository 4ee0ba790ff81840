# shellcheck shell=sh disable=SC2034,SC2154
# (The request's fields and the host's state are set by common.sh and systemd-look.sh, which come first.)
#
# Bringing a release of a systemd service onto the disk: <root>/releases/<version>, unpacked from a tarball. It comes
# into place by one rename, marker and all. Whatever is unfinished has a name with a dot in front, and the next run clears
# it away.

MAX_ENTRIES=100000

free_space() {
  df -Pk "$root" | awk 'NR == 2 { print int($4 / 1024) " MB free" }'
}

# judge_tarball FILE: 0 if nothing in it could land or point outside of its folder, or is more than files, folders and
# links. Names come quoted as in C, so that no name can look like something else.
judge_tarball() {
  # With --absolute-names tar shows names as they are, instead of what it would make of them.
  verdict=$({ tar --list --verbose --gzip --absolute-names --numeric-owner --full-time --quoting-style=c --file "$1" ||
    echo 'tar could not read it'; } | awk -v marker="$MARKER" -v max="$MAX_ENTRIES" '
    function refuse(why) { print why; refused = 1; exit }
    function outside(path,   parts, n, i, depth) {
      if (path ~ /^\//) return 1
      n = split(path, parts, "/")
      depth = 0
      for (i = 1; i <= n; i++) {
        if (parts[i] == "..") depth--
        else if (parts[i] != "" && parts[i] != ".") depth++
        if (depth < 0) return 1
      }
      return 0
    }
    function climbs(path) { return path ~ /^\// || ("/" path "/") ~ /\/\.\.\// }
    {
      if (!match($0, /"([^"\\]|\\.)*"/)) refuse("it is no whole gzipped tar")
      name = substr($0, RSTART + 1, RLENGTH - 2)
      rest = substr($0, RSTART + RLENGTH)
      kind = substr($0, 1, 1)
      if (++entries > max) refuse("it has more than " max " entries")
      if (climbs(name)) refuse("a name leaves its folder: " name)
      if (kind !~ /[-dlh]/) refuse("no file, folder or link: " name)
      if (substr($0, 2, 9) ~ /[sS]/) refuse("setuid or setgid: " name)
      plain = name
      gsub(/^(\.\/)+/, "", plain)
      if (plain == marker || index(plain, marker "/") == 1) refuse("a name that is Conveyor'"'"'s own: " name)
      if (kind == "l" || kind == "h") {
        if (!match(rest, /"([^"\\]|\\.)*"$/)) refuse("a link that cannot be read: " name)
        to = substr(rest, RSTART + 1, RLENGTH - 2)
        if (kind == "h" && climbs(to)) refuse("a link that leaves its folder: " name)
        folder = name
        sub(/[^\/]*$/, "", folder)
        if (kind == "l" && (to ~ /^\// || outside(folder to))) refuse("a link that leaves its folder: " name)
      } else if (rest != "") refuse("an entry that cannot be read: " name)
      if (kind == "-") bytes += $3
    }
    END { if (!refused) printf "whole %.0f\n", bytes / 1024 }')
  case $verdict in
    'whole '*) ;;
    *)
      problem="the tarball was refused: $verdict"
      return 1
      ;;
  esac
  needed_kb=${verdict#whole }
  if [ "$(df -Pk "$root" | awk 'NR == 2 { print $4 }')" -lt "$needed_kb" ]; then
    problem="no space left: the release needs $((needed_kb / 1024)) MB, $(free_space) on $root"
    return 1
  fi
}

# judge_folder FOLDER: what was really unpacked. A chain of links may lead outside although each, read by itself, does not.
judge_folder() {
  odd=$(find "$1" \( ! -type f ! -type d ! -type l \) -print -o ! -type l -perm /6000 -print | head -n 1)
  real=$(readlink -f "$1")/
  leaves=$(find "$1" -type l -exec readlink -z -m -- {} + | tr '\n\0' '\001\n' |
    awk -v root="$real" 'index($0 "/", root) != 1' | head -n 1)
  [ -n "$odd$leaves" ] || return 0
  problem="the tarball was refused: $odd$leaves is no file, folder or link within it"
  return 1
}

# unpack TARBALL: → releases/<version>, in one rename, when all of it is on the disk.
unpack() {
  unpacked=$root/releases/.unpacked-$version
  problem="the tarball could not be unpacked ($(free_space) on $root)"
  mkdir "$unpacked" || return 1
  tar --extract --gzip --no-same-owner --no-same-permissions --file "$1" --directory "$unpacked" || return 1
  judge_folder "$unpacked" || return 1
  chmod 0755 "$unpacked" || return 1
  printf '%s\n' "$digest" >"$unpacked/$MARKER" || return 1
  sync -f "$unpacked" || return 1
  mv -T "$unpacked" "$root/releases/$version" || return 1
  sync "$root/releases" || return 1
  problem=''
}

clear_leftovers() {
  find "$root/releases" -mindepth 1 -maxdepth 1 \
    \( -name '.incoming-*' -o -name '.unpacked-*' -o -name '.gone-*' \) -exec rm -rf -- {} +
}

# remove_release VERSION: out of the way by one rename, so that a release that is half removed never looks whole.
remove_release() {
  rm -rf "$root/releases/.gone-$1"
  mv -T "$root/releases/$1" "$root/releases/.gone-$1" && rm -rf "$root/releases/.gone-$1"
}

# bring_release: the version is whole on the disk, with the digest that was asked for; or 1, problem, nothing left over.
bring_release() {
  [ -z "$(digest_of_release "$version")" ] || return 0
  if [ -e "$root/releases/$version" ]; then remove_release "$version" || return 1; fi
  incoming=$root/releases/.incoming-$version
  if fetch_tarball "$incoming" && judge_tarball "$incoming" && unpack "$incoming"; then
    rm -f "$incoming"
    return 0
  fi
  clear_leftovers
  return 1
}

fetch_tarball() {
  if ! aws_fetch_object "$bucket" "$key" "$source_region" "$1"; then
    problem=$aws_problem
    return 1
  fi
  found=sha256:$(sha256sum "$1" | cut -d ' ' -f 1)
  [ "$found" != "$digest" ] || return 0
  problem="s3://$bucket/$key has the digest $found, not $digest"
  return 1
}
