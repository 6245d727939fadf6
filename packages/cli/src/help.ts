import type { Command, Interfaces } from '@oclif/core'
import { CommandHelp, Help } from '@oclif/core/help'
import { didYouMean, RtError } from '@rt/driver-api'
import type { RtCommand } from './command.ts'
import { commands } from './commands/index.ts'
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

/** `rt help`, `rt help run`, `rt run --help`. @throws RtError RT_USAGE */
export const showHelp = async (words: readonly string[]): Promise<number> => {
  const all = await Promise.all(Object.entries(commands).map(async ([id, load]) => loadable(id, await load())))
  const config = helpConfig(all.filter(({ hidden }) => !hidden))
  const id = words.filter((word) => !word.startsWith('-')).join(' ')
  const command = all.find((c) => c.id === id)
  if (id !== '' && !command)
    throw new RtError('RT_USAGE', `rt has no command "${id}".${didYouMean(id, config.commandIDs)}`)
  const text = command
    ? new CommandHelp(command, config, { maxWidth: 120, all: false } as Interfaces.HelpOptions).generate()
    : new RootHelp(config, { maxWidth: 120 } as Interfaces.HelpOptions).text()
  print(text.trimEnd())
  return 0
}

/** oclif's page of the whole program, as text. */
class RootHelp extends Help {
  text(): string {
    return `${this.formatRoot()}\n\n${this.formatCommands(this.config.commands)}\n\nrt help COMMAND shows the flags of a command.`
  }
}
