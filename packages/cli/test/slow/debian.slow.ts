import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { RT, useRt } from '../rt.ts'

/** Made by scripts/try-debian.sh: a Debian of debootstrap's, packages for a repository, Node's program. */
const CACHE = process.env.RT_DEBIAN ?? '/var/cache/rt-test'

const LIST = `
import os, stat, sys
root = sys.argv[1]
links = {}
def look(path, name):
    s = os.lstat(path)
    kind = stat.S_IFMT(s.st_mode)
    size = s.st_size if kind in (stat.S_IFREG, stat.S_IFLNK) else 0
    where = os.readlink(path) if kind == stat.S_IFLNK else ''
    device = s.st_rdev if kind in (stat.S_IFCHR, stat.S_IFBLK) else 0
    other = links.setdefault(s.st_ino, name) if kind == stat.S_IFREG and s.st_nlink > 1 else ''
    xattrs = sorted((n, os.getxattr(path, n, follow_symlinks=False).hex()) for n in os.listxattr(path, follow_symlinks=False) if not n.startswith('trusted.overlay'))
    print(name, oct(s.st_mode), s.st_uid, s.st_gid, size, int(s.st_mtime), where, device, other, xattrs)
def walk(path, name):
    look(path, name)
    for entry in sorted(os.listdir(path)):
        below = os.path.join(path, entry)
        if os.path.isdir(below) and not os.path.islink(below): walk(below, name + '/' + entry)
        else: look(below, name + '/' + entry)
walk(root, '')
`

describe('a Debian image of debootstrap', () => {
  const rt = useRt()
  const sh = (script: string) => rt().host.sh(script, { timeout: 600_000 })

  beforeAll(async () => {
    if (!existsSync(`${CACHE}/debian.tar`)) throw new Error('run scripts/try-debian.sh')
    await sh(`mkdir -p /var/lib/rt/try && cat >/var/lib/rt/try/list.py <<'END'\n${LIST}\nEND`)
    await sh(`${RT} import debian:12 ${CACHE}/debian.tar`)
    // A second layer with what a first one cannot have: whiteouts, an opaque directory, changed owners, capabilities, links across.
    await sh(`${RT} run --name=box --network=none debian:12 bash -ec '
      rm -r /usr/share/doc /etc/alternatives; mkdir /etc/alternatives; echo new >/etc/alternatives/new
      rm /bin/true; chown 1000:1000 /etc/issue; chmod 4711 /bin/ls; ln /etc/passwd /etc/passwd.link; ln -s /nowhere /etc/dangling; mkfifo /run/fifo
      cp /bin/cat /bin/cat2; touch -d 2001-02-03T04:05:06 /bin/cat2; mkdir -m 1777 /sticky'
      ${RT} cp /bin/true box:/usr/local/bin/probe; ${RT} commit box debian:changed >/dev/null; ${RT} rm box`)
  }, 600_000)

  for (const name of ['debian:12', 'debian:changed'])
    it(`${name}: the tree is podman's, entry by entry`, async () => {
      const podman = 'podman --root=/var/lib/rt/try/p --runroot=/run/p --storage-driver=overlay'
      await sh(`cd /var/lib/rt/try; ${RT} save -o image.tar ${name}; ${podman} load -q -i image.tar; rm image.tar`)
      const own = `mkdir -p /mnt/own /mnt/none && mount -t overlay -o ro,lowerdir=$(${RT} image inspect --format GraphDriver.Data.LowerDir ${name}):/mnt/none overlay /mnt/own`
      await sh(`${own}; python3 /var/lib/rt/try/list.py /mnt/own >/var/lib/rt/try/own; umount /mnt/own
        at=$(${podman} image mount docker.io/library/${name}); python3 /var/lib/rt/try/list.py $at >/var/lib/rt/try/theirs; ${podman} image umount -a`)
      const entries = Number(await sh('wc -l </var/lib/rt/try/own'))
      expect(entries).toBeGreaterThan(5000)
      // Less the root itself, which podman shows as a directory of its own making (0555, of now) whatever the image says of it.
      expect(await sh('cd /var/lib/rt/try; sed 1d own >a; sed 1d theirs >b; diff a b | head -40 || true')).toBe('')
      process.stderr.write(
        `${name}: ${entries} entries, ${(await sh(`${RT} images | grep ${name.split(':')[1]}`)).trim()}\n`,
      )
    }, 900_000)

  it('apt-get installs from a repository, and what it installed runs', async () => {
    await sh(`${RT} run --name=apt --network=none -v ${CACHE}/repository:/repository:ro debian:12 sh -ec '
      echo "deb [trusted=yes] file:/repository ./" >/etc/apt/sources.list; rm -f /etc/apt/sources.list.d/*
      apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install -y hello tree'
      ${RT} commit apt debian:hello >/dev/null; ${RT} rm apt`)
    expect(await sh(`${RT} run --rm --network=none debian:hello hello`)).toBe('Hello, world!\n')
    expect(await sh(`${RT} run --rm --network=none debian:hello tree --version`)).toMatch(/^tree v/)
    expect(await sh(`${RT} run --rm --network=none debian:hello dpkg -l hello`)).toMatch(/^ii +hello /m)
  }, 600_000)

  it('a Node image, built on it, serves the internet on a published port as a user of its own, from a volume', async () => {
    await sh(`mkdir -p /root/site; cp ${CACHE}/node /root/site/node; cat >/root/site/Dockerfile <<'END'
FROM debian:12
COPY node /usr/local/bin/node
RUN useradd -m -u 1500 web
USER web
WORKDIR /home/web
EXPOSE 8080
CMD ["node", "-e", "require('http').createServer((q, a) => { require('fs').appendFileSync('/data/log', q.url + '\\\\n'); a.end(process.version + ' ' + process.getuid() + '\\\\n') }).listen(8080)"]
END
      ${RT} build -q -t node-site /root/site; mkdir -m 700 /srv/data; chown 1500:1500 /srv/data
      ${RT} run -d --name=site -p 80:8080 -v /srv/data:/data node-site`)
    const { code, stdout, stderr } = await rt().world.internet.run([
      ...[
        'sh',
        '-c',
        'for i in $(seq 100); do busybox wget -qO- http://198.51.100.2/visit && exit 0; sleep 0.2; done; exit 1',
      ],
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^v\d+\.\d+\.\d+ 1500\n$/)
    expect(await sh('cat /srv/data/log; stat -c %u /srv/data/log')).toBe('/visit\n1500\n')
    await rt().out(['rm', '-f', 'site'])
  }, 600_000)
})
