/**
 * The beginning of the sandbox part of a script: what a shell needs to finish a container from the inside, when the programs of the
 * host are out of reach and the image may have none. The tools that come after pivot_root are therefore copied, with their libraries
 * and loader, into a tmpfs of this mount namespace. The shell stands in it while it works; pivot_root leaves it there, and
 * it disappears with the old root once nobody stands in it any more.
 */
export const TOOLBOX = `\
# Programs for the time after pivot_root, when the host's are gone and the image may have none.
toolbox=$1
mount -t tmpfs -o mode=0755 toolbox "$toolbox"
for program in mount umount mkdir ln mknod dirname prlimit setpriv env; do
  path=$(type -P "$program")
  cp -L "$path" "$toolbox/$program"
  for library in $(ldd "$path" 2>/dev/null | grep -o '/[^ ]*'); do
    [ -e "$toolbox/\${library##*/}" ] || cp -L "$library" "$toolbox/"
  done
done
loader=()
for file in "$toolbox"/ld-linux*.so* "$toolbox"/ld64.so* "$toolbox"/ld-musl-*.so*; do
  if [ -e "$file" ]; then loader=("./\${file##*/}" --library-path .); fi
done
tool() { "\${loader[@]}" "./$1" "\${@:2}"; }`

export const STATE = `\
# What the last command of this part needs to know.
directory=/ home=/ uid=0 gid=0 groups=0 setpriv=() identity=() first= kept=()`

export const HOSTNAME_FILE = `\
# Opened now, because the container's own /proc/sys is read-only by the time the hostname is set.
exec 7>/proc/sys/kernel/hostname`

/** Only where groups were asked for by name. */
export const FIND_GROUPS = `\
# find_groups NAME...: looks up more groups of the user in the container's own file.
find_groups() {
  local group fields gid
  for group in "$@"; do
    gid=
    while IFS=: read -r -a fields; do
      if [ "\${fields[0]-}" = "$group" ]; then gid=\${fields[2]}; break; fi
    done 2>/dev/null < "ROOT/etc/group" || true
    [ -n "$gid" ] || { echo "no group $group in the container" >&2; exit 125; }
    more_groups+=,$gid
  done
}`

export const FIND_USER = `\
# find_user USER GROUP [GID...]: looks up names and numbers in the container's own files.
find_user() {
  local name=\${1:-0} group=$2 account=('' '' '' '' '' '') fields
  groups=$(IFS=,; echo "\${*:3}")\${more_groups-}
  while IFS=: read -r -a fields; do
    if [ "\${fields[0]-}" = "$name" ] || [ "\${fields[2]-}" = "$name" ]; then account=("\${fields[@]}"); break; fi
  done 2>/dev/null < "ROOT/etc/passwd" || true
  uid=\${account[2]:-$name} gid=\${account[3]:-0} home=\${account[5]:-/}
  [[ $uid =~ ^[0-9]+$ ]] || { echo "no user $name in the container" >&2; exit 125; }
  while IFS=: read -r -a fields; do
    if [ -n "$group" ] && { [ "\${fields[0]-}" = "$group" ] || [ "\${fields[2]-}" = "$group" ]; }; then gid=\${fields[2]} group=; fi
    if [ -z "$2" ] && [ -n "\${account[0]}" ] && [[ ,\${fields[3]-}, = *,"\${account[0]}",* ]]; then groups+=,\${fields[2]}; fi
  done 2>/dev/null < "ROOT/etc/group" || true
  if [[ $group =~ ^[0-9]+$ ]]; then gid=$group group=; fi
  [ -z "$group" ] || { echo "no group $group in the container" >&2; exit 125; }
  groups=\${groups#,}
  [[ ,$groups, = *,$gid,* ]] || groups=\${groups:+$groups,}$gid
  identity=(--reuid="$uid" --regid="$gid" --groups="$groups")
}`

const LAUNCH = `\
# launch NAME=VALUE... -- PROGRAM ARGUMENT...: becomes the program of the container, or the parent of it.
launch() {
  if [ "$first" = stays ]; then
    local status=0
    (first=; launch "$@") || status=$?
    exit "$status"
  fi
  local environment=()
  while [ "$1" != -- ]; do environment+=("$1"); shift; done
  shift
  exec 7>&-`

export const LAUNCH_PIVOT = `${LAUNCH}
  local command=("\${loader[@]}" ./setpriv "\${setpriv[@]}" "\${identity[@]}")
  command+=("\${loader[@]}" ./env -i -C "$directory" "\${environment[@]}" "$@")
  # By /proc, because bash makes a relative name absolute before exec, with a path that has gone with the old root.
  exec "/proc/self/cwd/\${command[0]}" "\${command[@]:1}"
}`

/** The groups are set before, by setpriv, because unshare --setgid would clear the supplementary ones. */
export const LAUNCH_CHROOT = `${LAUNCH}
  local command=("$(type -P setpriv)" "\${setpriv[@]}" --regid="$gid" --groups="$groups")
  command+=("$(type -P unshare)" --root=. --wd="$directory" --setuid="$uid" "$@")
  exec env -i "\${environment[@]}" "\${command[@]}"
}`
