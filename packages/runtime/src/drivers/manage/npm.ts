import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { RtError } from '@rt/driver-api'
import { findProgram } from '@rt/native'
import { program } from '@rt/native/throwaway'

/** Nothing of the package runs while it is installed: it will run as root soon enough, when somebody uses it. */
const FLAGS = [
  '--ignore-scripts',
  '--install-links',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--no-update-notifier',
  '--loglevel=error',
]

/**
 * Has npm put a package with its dependencies into the empty directory `folder`. Answers the package's own directory.
 *
 * @param spec a name of the registry, or the absolute path of a tarball or folder
 * @throws RtError RT_TOOL_MISSING, RT_DRIVER_INSTALL
 */
export const npmInstall = async (folder: string, spec: string): Promise<string> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(`${folder}/package.json`, '{"private":true}\n')
  const { code, stdout, stderr } = await program([npm(), 'install', ...FLAGS, '--prefix', folder, '--', spec], {
    // The launcher keeps it from rt's own Node, which would read it at every start.
    env: { NODE_EXTRA_CA_CERTS: process.env.RT_NODE_EXTRA_CA_CERTS ?? process.env.NODE_EXTRA_CA_CERTS },
    timeout: 600_000,
  })
  if (code !== 0)
    throw new RtError('RT_DRIVER_INSTALL', `npm could not install ${spec}: ${reason(`${stderr}\n${stdout}`)}.`)
  const { dependencies = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const [name = ''] = Object.keys(dependencies)
  writeFileSync(`${folder}/package`, `${name}\n`)
  return `${folder}/node_modules/${name}`
}

const npm = (): string => {
  const beside = `${dirname(process.execPath)}/npm`
  const found = existsSync(beside) ? beside : findProgram('npm')
  if (found === undefined)
    throw new RtError('RT_TOOL_MISSING', 'The program npm is not installed.', {
      remedy: 'Install npm, which fetches drivers.',
    })
  return found
}

/** What it says first of the matter itself. */
const reason = (said: string): string => {
  const lines = said
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/i, '').trim())
    .filter((line) => line !== '' && !/^(code|errno|syscall|path|A complete log|notsup|network) /.test(line))
  return (lines[0] ?? 'it does not say why').replace(/\.$/, '')
}
