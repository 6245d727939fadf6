import { testIsolationDriver } from '../src/index.ts'
import { isolationChecks } from '../src/isolation/checks.ts'
import { enterChecks } from '../src/isolation/enter-checks.ts'
import { freezeChecks } from '../src/isolation/freeze-checks.ts'
import { updateChecks } from '../src/isolation/update-checks.ts'
import { usageChecks } from '../src/isolation/usage-checks.ts'
import Cell from './good/isolation.ts'
import Managed from './good/managed.ts'
import { type Case, testCases } from './try.ts'

testIsolationDriver(Cell, { module: new URL('./good/isolation.ts', import.meta.url), title: 'which is right' })
testIsolationDriver(Managed, {
  module: new URL('./good/managed.ts', import.meta.url),
  title: 'which has all that is optional',
})

const PLANS = 'answers plans that end in the program, and changes nothing while it makes them'
const GROUPS = 'makes control groups that exist, and takes them away'
const ENTER = 'brings a further program into all namespaces of a running container'
const FREEZE = 'freezes every process of a container, and lets them go on'
const USAGE = 'says what a container uses, in nanoseconds, bytes and processes'
const UPDATE = 'puts a running container under the limits of an update, and takes them away'
const REFUSES = 'refuses an update that this host cannot do'
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

const managed: readonly Case[] = [
  { driver: 'FreezesNothing', check: FREEZE, says: /^of the 2 processes of a frozen container, number 1 has run$/ },
  { driver: 'FreezesOneOfThem', check: FREEZE, says: /^of the 2 processes of a frozen container, number 2 has run$/ },
  {
    driver: 'NeverThaws',
    check: FREEZE,
    says: /^after the container was let go on, the process \d+ gets no CPU time, for which the check has waited in vain$/,
  },
  { driver: 'FreezesByMagic', check: FREEZE, says: /^the answer to freeze\[0\] runs in undefined/ },
  {
    driver: 'NeverSaysFrozen',
    check: 'says whether a container is frozen',
    says: /^of a frozen container, isFrozen says false$/,
  },
  {
    driver: 'CountsMicroseconds',
    check: USAGE,
    says: /^cpuNanoseconds has grown by \d+(\.\d+)?, and the kernel counts/,
  },
  { driver: 'CountsKilobytes', check: USAGE, says: /^memoryBytes is \d+(\.\d+)?, and the program holds \d+ bytes$/ },
  { driver: 'CountsOneProcess', check: USAGE, says: /^pids was 1 before the program used more, and is 1 now$/ },
  { driver: 'KnowsOneSizeOnly', check: USAGE, says: /^memoryBytes was 33554432 before the program used more, and is/ },
  {
    driver: 'UpdatesNothing',
    check: UPDATE,
    says: /^after an update to 64 the pids limit is none$/,
  },
  {
    driver: 'LimitsForEver',
    check: UPDATE,
    says: /^after an update to no limit the pids limit is 32$/,
  },
  {
    driver: 'LimitsProcessesOnly',
    check: UPDATE,
    says: /^after an update to 536870912 the memory limit is none$/,
  },
  {
    driver: 'LimitsOnPaper',
    check: 'holds a running container to the limits of an update',
    says: /^the program has forked, though it may be but one process$/,
  },
  { driver: 'UpdatesNothing', check: REFUSES, says: /^a processor that no machine has is not refused$/ },
  {
    driver: 'RefusesWithoutAWord',
    check: REFUSES,
    says: /^a processor that no machine has is refused with no RtError \(no\), not /,
  },
  { driver: 'EnterActs', check: ENTER, says: /^after enter, the host is not as it was: \+ file \/run\/entered\/$/ },
  { driver: 'EntersAnotherName', check: ENTER, says: /^a further program is not in the container's uts namespace$/ },
  {
    driver: 'EntersWithTheContainersEnvironment',
    check: ENTER,
    says: /^a further program said "of the container\\nof the check in \/run\\n" and ""$/,
  },
  {
    driver: 'EntersNoGroup',
    check: 'has a further program in the control groups of the container',
    says: /^a further program is in the control groups .*, and the container in .*\/managed-c0ffee/,
  },
  {
    driver: 'EntersWithTheContainersRights',
    check: 'gives a further program the capabilities that are asked for it, and no others',
    says: /^CapPrm of a further program is 00000000000000e1, and what it is to have is 0000000000000021$/,
  },
  {
    driver: 'EntersUnfiltered',
    check: 'has the kernel filter a further program’s system calls',
    says: /^a further program's Seccomp in \/proc\/self\/status is 0, not 2$/,
  },
]

const optional = [...freezeChecks, ...usageChecks, ...updateChecks, ...enterChecks]
testCases('isolation', { cases, checks: isolationChecks.filter((each) => !optional.includes(each)), first: PLANS })
testCases('isolation', { cases: managed, checks: optional, first: PLANS, file: 'managed' })
