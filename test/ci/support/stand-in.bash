# A tool of others, as far as our scripts see it. It is sourced with $TOOL and $STATE set: it notes how it was called in
# $STATE/calls/<number>/, and answers by files of $STATE, which stand-ins.ts lists.
set -euo pipefail
arguments=("$@")

after() {
  local i
  for ((i = 0; i < ${#arguments[@]} - 1; i++)); do
    if [ "${arguments[i]}" = "$1" ]; then
      printf '%s' "${arguments[i + 1]}"
      return
    fi
  done
}

mkdir -p "$STATE/calls"
# Both ends of a pipe are called at once: whoever makes the directory has the number.
number=0
until mkdir "$(printf '%s/calls/%03d' "$STATE" "$number")" 2>/dev/null; do number=$((number + 1)); done
call=$(printf '%s/calls/%03d' "$STATE" "$number")
printf '%s' "$TOOL" >"$call/tool"
pwd >"$call/cwd"
env -0 >"$call/env"
if [ $# -gt 0 ]; then printf '%s\0' "$@" >"$call/args"; fi
case " $* " in *" --password-stdin "*) cat >"$call/stdin" ;; esac

for file in "$TOOL-${1-}.exit" "$TOOL.exit"; do
  [ ! -f "$STATE/$file" ] || exit "$(<"$STATE/$file")"
done

put() {
  local hex
  printf '%s' "$1" >"$layout/blob"
  hex=$(sha256sum "$layout/blob" | cut -d' ' -f1)
  mv "$layout/blob" "$layout/blobs/sha256/$hex"
  printf 'sha256:%s' "$hex"
}

labels() {
  local i
  for ((i = 0; i < ${#arguments[@]}; i++)); do
    [ "${arguments[i]}" != --label ] || printf '%s\n' "${arguments[i + 1]}"
  done
}

case "$TOOL ${1-} ${2-}" in
  'aws ssm get-parameter') echo "value of $(after --name)" ;;
  'aws ecr get-login-password') echo a-password-of-the-registry ;;
  'aws ecr describe-images')
    if [ -f "$STATE/tag" ] && [ ! -f "$STATE/denied" ]; then
      cat "$STATE/tag"
      echo
    else
      problem=ImageNotFoundException
      [ ! -f "$STATE/denied" ] || problem=$(<"$STATE/denied")
      echo "An error occurred ($problem) when calling the DescribeImages operation" >&2
      exit 254
    fi
    ;;
  'crane tag '*)
    if [ -f "$STATE/refused-tag" ]; then
      [ ! -s "$STATE/refused-tag" ] || cp "$STATE/refused-tag" "$STATE/tag"
      exit 1
    fi
    printf '%s' "${2#*@}" >"$STATE/tag"
    ;;
  'trivy image '*)
    output=$(after --output)
    [ -z "$output" ] || echo '{"bomFormat":"CycloneDX"}' >"$output"
    ;;
  'curl '*) cp "$STATE/download" "$(after --output)" ;;
  'docker buildx build')
    layout=$(after --output)
    layout=${layout#*dest=}
    layout=${layout%%,*}
    mkdir -p "$layout/blobs/sha256"
    config=$(labels | jq -Rnc '{config: {Labels: [inputs | capture("^(?<key>[^=]*)=(?<value>.*)$")] | from_entries}}')
    [ ! -f "$STATE/config" ] || config=$(<"$STATE/config")
    config=$(put "$config")
    manifest=$(put "{\"schemaVersion\":2,\"config\":{\"digest\":\"$config\"}}")
    printf '{"manifests":[{"digest":"%s"}]}' "$manifest" >"$layout/index.json"
    ;;
esac
