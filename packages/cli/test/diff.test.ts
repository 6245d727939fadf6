import { describe, expect, it } from 'vitest'
import { cannotRun, RT, readComplaint, until, useRt } from './rt.ts'

const CHANGES = `echo more >>/etc/passwd; rm /etc/group; rm -r /home; mkdir /home; echo n >/home/new; mkdir -p /opt/a; : >/opt/a/b; chmod 711 /var
  mv /etc/shadow /etc/shadow2; ln -sf /x /link; : >/tmp/gone; rm /tmp/gone; : >"$(printf '/odd\\377')"`

const EXPECTED = [
  'C /etc',
  'D /etc/group',
  'C /etc/passwd',
  'D /etc/shadow',
  'A /etc/shadow2',
  'C /home',
  'A /home/new',
  'A /link',
  'A /odd\\377',
  'A /opt',
  'A /opt/a',
  'A /opt/a/b',
  'A /ready',
  'C /var',
  'A /vol',
]

describe.skipIf(cannotRun)('rt diff', () => {
  const rt = useRt({ internet: false })
  const lines = async (name: string) =>
    (await rt().host.sh(`${RT} diff ${name} | sed 's/\\xff/\\\\377/'`)).trimEnd().split('\n')

  it.each(['overlay', 'copy'])(
    'lists what was added, changed and deleted, running and stopped: %s',
    async (storage) => {
      const flags = [`--storage=${storage}`, '--network=none', '-v', '/srv:/vol']
      await rt().out([
        'run',
        '-d',
        '--name=runs',
        ...flags,
        'busybox',
        'sh',
        '-c',
        `${CHANGES}; : >/ready; exec sleep 1000`,
      ])
      await until('it is ready', async () => (await rt().run(['cp', 'runs:/ready', '-'])).code === 0)
      expect(await lines('runs')).toEqual(EXPECTED)
      await rt().out(['run', '--name=ended', ...flags, 'busybox', 'sh', '-c', `${CHANGES}; : >/ready`])
      expect(await lines('ended')).toEqual(EXPECTED)
      await rt().out(['rm', '-f', 'runs', 'ended'])
    },
  )

  it.each(['overlay', 'copy'])('says nothing of a container that changed nothing: %s', async (storage) => {
    // What rt makes for its own mounts is no change of the container's.
    await rt().out(['run', '--name=same', `--storage=${storage}`, '--network=none', 'busybox', 'true'])
    expect(await rt().out(['diff', 'same'])).toBe('')
    await rt().out(['rm', 'same'])
  })

  it('knows no container of that name', async () => {
    expect(readComplaint(await rt().run(['diff', 'nobody']))).toMatchObject({
      code: 'RT_CONTAINER_UNKNOWN',
      exitCode: 1,
    })
  })
})
