import type { Command, Interfaces } from '@oclif/core'
import { CommandHelp, Help } from '@oclif/core/help'
import { didYouMean, RtError } from '@rt/driver-api'
import type { RtCommand } from './command.ts'
import { groups } from './commands/groups.ts'
import { commands, isLongForm } from './commands/index.ts'
import { print } from './output.ts'
import { allFlags } from './parse.ts'

declare const RT_VERSION: string

const DESCRIPTION = 'Containers whose isolation, storage and network are swappable drivers'

const loadable = (id: string, command: RtCommand): Command.Loadable =>
  ({
    id,
    summary: command.summary,
    description: command.description,
    usage: `<%= command.id %> ${command.usage}`,
    examples: command.examples ? [...command.examples] : [],
    flags: allFlags(command),
    args: {},
    aliases: [],
    hiddenAliases: [],
    hidden: command.hidden ?? false,
    strict: true,
  }) as unknown as Command.Loadable

/**
 * What oclif's help needs to know of a program. Its own Config finds commands by reading package.json files and directories, and
 * there are none beside a bundle.
 */
const helpConfig = (all: readonly Command.Loadable[]): Interfaces.Config =>
  ({
    bin: 'rt',
    version: RT_VERSION,
    userAgent: `rt ${RT_VERSION}`,
    topicSeparator: ' ',
    commands: all,
    commandIDs: all.map(({ id }) => id),
    topics: [],
    plugins: new Map(),
    pjson: { oclif: {}, description: DESCRIPTION },
    theme: undefined,
    platform: 'linux',
    shell: 'sh',
    findCommand: (id: string) => all.find((command) => command.id === id),
    findTopic: () => undefined,
  }) as unknown as Interfaces.Config

/** oclif shows what a command is only above a longer description. */
const described = (command: Command.Loadable): Command.Loadable => {
  if (command.description) return command
  const { summary, ...others } = command
  return { ...others, ...(summary !== undefined && { description: summary }) }
}

/** `rt help`, `rt help run`, `rt run --help`. @throws RtError RT_USAGE */
export const showHelp = async (words: readonly string[]): Promise<number> => {
  const all = await Promise.all(Object.entries(commands).map(async ([id, load]) => loadable(id, await load())))
  const config = helpConfig(all.filter(({ id, hidden }) => !hidden && !isLongForm(id)))
  const id = words.filter((word) => !word.startsWith('-')).join(' ')
  const command = all.find((c) => c.id === id)
  const topic = all.filter((c) => c.id.startsWith(`${id} `))
  const options = { maxWidth: 120, all: false } as Interfaces.HelpOptions
  if (id !== '' && !command && topic.length === 0)
    throw new RtError('RT_USAGE', `rt has no command "${id}".${didYouMean(id, config.commandIDs)}`)
  const text = command
    ? new CommandHelp(described(command), config, options).generate()
    : id === ''
      ? new RootHelp(config, options).text()
      : new RootHelp(config, options).topic(id, topic)
  print(text.trimEnd())
  return 0
}

/** oclif's page of the whole program, as text, with the commands in groups. */
class RootHelp extends Help {
  text(): string {
    const { commands } = this.config
    const width = Math.max(...commands.map(({ id }) => id.length))
    const sections = groups.map(({ title, names }) =>
      this.list(
        title,
        names.flatMap((name) => commands.filter(({ id }) => id === name)),
        width,
      ),
    )
    return [this.formatRoot(), ...sections, 'rt help COMMAND shows the flags of a command.'].join('\n\n')
  }

  topic(name: string, commands: readonly Command.Loadable[]): string {
    const width = Math.max(...commands.map(({ id }) => id.length))
    const usage = this.section('USAGE', `$ rt ${name} COMMAND`)
    return [
      usage,
      this.list('COMMANDS', commands, width),
      `rt help ${name} COMMAND shows the flags of a command.`,
    ].join('\n\n')
  }

  private list(title: string, commands: readonly Command.Loadable[], width: number): string {
    const rows = commands.map(({ id, summary }): [string, string | undefined] => [id.padEnd(width), summary])
    return this.section(title, this.renderList(rows, { indentation: 2, spacer: '\n', stripAnsi: false }))
  }
}
