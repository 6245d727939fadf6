import { testIsolationDriver } from '../src/index.ts'
import { isolationChecks } from '../src/isolation/checks.ts'
import Cell from './good/isolation.ts'
import { type Case, testCases } from './try.ts'

testIsolationDriver(Cell, { module: new URL('./good/isolation.ts', import.meta.url), title: 'which is right' })

const PLANS = 'answers plans that end in the program, and changes nothing while it makes them'
const GROUPS = 'makes control groups that exist, and takes them away'
const SHIM = 'runs a program by the shim, in namespaces of its own, and leaves nothing behind'

const cases: readonly Case[] = [
  { driver: 'LaunchActs', check: PLANS, says: /^after launch and cgroups, .*: \+ cgroup \S+\/cell-of-c0ffee/ },
  { driver: 'DropsArguments', check: PLANS, says: /^the plan does not execute `echo a b` at its end$/ },
  { driver: 'HasItsOwnEnvironment', check: PLANS, says: /^the program does not get the environment of the spec$/ },
  {
    driver: 'ClaimsEverything',
    check: 'filters system calls',
    says: /^no step loads a seccomp filter, though the spec asks for one$/,
  },
  {
    driver: 'KeepsOneMore',
    check: 'leaves the capabilities that the spec names, and no others',
    says: /^it keeps .*CAP_SYS_ADMIN, and the spec says /,
  },
  {
    driver: 'ClaimsEverything',
    check: 'brings a first process that reaps where one is asked for',
    says: /^no step is process\.init, though init is asked for$/,
  },
  {
    driver: 'NamesWhatIsNotThere',
    check: GROUPS,
    says: /cell-other-c0ffee\w+ is not there when processes are to join it$/,
  },
  {
    driver: 'KeepsItsGroup',
    check: GROUPS,
    says: /^after the container has ended, .*: \+ cgroup \S+\/cell-c0ffee\w+$/,
  },
  {
    driver: 'NotesLast',
    check: 'leaves no control group behind after a crash between any two steps, nor where a step fails',
    says: /^after crashes and a failed start, .*: \+ cgroup \S+\/cell-c0ffee\w+$/,
  },
  {
    driver: 'RunsSomethingElse',
    check: 'runs a program, by a script that is pasted',
    says: /^the program said "go\\n"$/,
  },
  { driver: 'RunsSomethingElse', check: SHIM, says: /^the program said "" and ""$/ },
  { driver: 'StartsNowhere', check: SHIM, says: /^the shim cannot execute process\.chdir: / },
  {
    driver: 'NamesTwoOfOne',
    check: 'has the program in its control groups while it runs',
    says: /^the program is not in \S+\/cell-c0ffee/,
  },
  {
    driver: 'KeepsOneMore',
    check: 'has taken the other capabilities away from the program',
    says: /^CapPrm of the program is 00000000002000e1, and what the spec names is 00000000000000e1$/,
  },
  {
    driver: 'ClaimsEverything',
    check: 'has the kernel filter the program’s system calls',
    says: /^the program's Seccomp in \/proc\/self\/status is 0, not 2$/,
  },
  {
    driver: 'RunsAnything',
    check: 'is undone where the program is not there',
    says: /^a program that is not there was started$/,
  },
]

testCases('isolation', { cases, checks: isolationChecks, first: PLANS })
