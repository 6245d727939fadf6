import { testNetworkDriver } from '../src/index.ts'
import { networkChecks } from '../src/network/checks.ts'
import { publishChecks } from '../src/network/publish.ts'
import Wire from './good/network.ts'
import Publisher from './good/publisher.ts'
import { type Case, testCases } from './try.ts'

testNetworkDriver(Wire, { module: new URL('./good/network.ts', import.meta.url), title: 'which is right' })
testNetworkDriver(Publisher, {
  module: new URL('./good/publisher.ts', import.meta.url),
  title: 'which publishes ports',
})

const PROBE = 'says in one sentence what it needs of this host, and changes nothing'
/** The first one that starts containers. */
const PLANS = 'answers plans, and changes nothing but leases while it makes them'
const ENDED = 'leaves nothing behind when a container has ended'
const CRASH = 'leaves nothing behind after a crash between any two steps'
const GC = 'frees what a start had taken that was killed before it wrote anything down'

const cases: readonly Case[] = [
  { driver: 'ProbeWrites', check: PROBE, says: /^after probe, the host is not as it was: \+ file \/run\/probed$/ },
  { driver: 'ProbeRefuses', check: PROBE, says: /^this host cannot do it: there is no wire\. Buy one\.$/ },
  {
    driver: 'TakesAnyOption',
    check: 'refuses an option that it does not know',
    says: /^the option "no-such-option" is not refused$/,
  },
  {
    driver: 'RefusesItsDefault',
    check: 'describes its options',
    says: /^the default of the option colour is refused by itself$/,
  },
  { driver: 'DescribesNothing', check: 'describes its options', says: /^the option colour has no description$/ },
  {
    driver: 'SetupActs',
    check: PLANS,
    says: /\+ file \/run\/at-once-/,
  },
  { driver: 'AnswersNoStep', check: ENDED, says: /^the answer to setup is no plan: leave\[0\]/ },
  {
    driver: 'KeepsItsLease',
    check: ENDED,
    says: /^after the container has ended, .* \+ file \/run\/check\/run\/net\/wire\/\d$/,
  },
  {
    driver: 'NotesLast',
    check: 'is undone where a step fails',
    says: /^after a start whose last step failed, .*\+ file \/run\/made-/,
  },
  { driver: 'NotesLast', check: CRASH, says: /^after a crash behind step 7 of 8, .*\+ file \/run\/made-/ },
  {
    driver: 'RemovesOnce',
    check: 'can be cleaned up after twice, and when everything is gone already',
    says: /^a second time, the way back fails: rm \/run\/made-/,
  },
  {
    driver: 'EndsEveryCable',
    check: 'does not undo for one container what another one uses',
    says: /^the end of one container changed the network of another$/,
  },
  {
    driver: 'SaysAnotherMtu',
    check: 'gives a container the interfaces, addresses and routes that the plan names',
    says: /^eth0 has the MTU 1400, and the plan says 1500$/,
  },
  {
    driver: 'LeavesItsEndDown',
    check: 'lets host and container reach each other',
    says: /^the host does not reach 10\.77\.1\.2, the container$/,
  },
  {
    driver: 'ClaimsEverything',
    check: 'gives an interface the name that is asked for',
    says: /^the plan names no interface eth3$/,
  },
  {
    driver: 'ClaimsEverything',
    check: 'lets containers reach each other',
    says: /^a container does not reach 10\.77\.2\.2, another one$/,
  },
  {
    driver: 'ClaimsEverything',
    check: 'lets containers reach what is beyond the host',
    says: /^a container does not reach 198\.51\.100\.1, which the host reaches$/,
  },
  {
    driver: 'ClaimsEverything',
    check: 'gives the addresses that are asked for',
    says: /^--ip 10\.77\.1\.99 is not the container's$/,
  },
  {
    driver: 'HasAWayOut',
    check: 'does not let containers out where it says that it cannot',
    says: /^a container reaches 198\.51\.100\.1, which capabilities\.outside denies$/,
  },
  {
    driver: 'GivesAllTheSame',
    check: 'connects 4 containers at once, each to addresses of its own',
    says: /^two containers got the address 10\.77\.1\.2\/30$/,
  },
  { driver: 'FreesNothing', check: GC, says: /^after gc, .*\+ file \/run\/check\/run\/net\/wire\/2$/ },
  { driver: 'FreesTheLiving', check: GC, says: /^after gc, .*- file \/run\/check\/run\/net\/wire\/1$/ },
  {
    driver: 'ReloadsNothing',
    check: 'puts back what somebody has flushed',
    says: /^after reload there is no rule -A FORWARD -s 10\.77\.0\.0\/16 -j DROP$/,
  },
  {
    driver: 'RemovesNoNetwork',
    check: 'defines a network of the user’s, connects to it, and takes it away',
    says: /^after the network was removed, .*\+ file \/run\/network$/,
  },
  {
    driver: 'ResetsNothing',
    check: 'puts the host back as it was found',
    says: /^after reset, .*\+ link shared0 bridge/,
  },
  {
    driver: 'CountsOnItsParent',
    check: 'is explained by a script that does the same when it is pasted',
    says: /^the pasted script ended with [1-9]/,
  },
]

const PUBLISH = 'leads published ports to a container that is connected already'

const publishers: readonly Case[] = [
  { driver: 'PublishesToTheHostOnly', check: 'publishes ports', says: /^nobody reaches port \d+ of the host/ },
  {
    driver: 'PublishesToOthersOnly',
    check: 'publishes ports',
    says: /^the host itself does not reach port \d+ of the host/,
  },
  {
    driver: 'KeepsPortsOpen',
    check: 'publishes ports',
    says: /^after the container has ended, .*\+ rule -A PREROUTING .*--dport \d+ -j DNAT/,
  },
  { driver: 'PublishActs', check: PUBLISH, says: /^after publish, .*\+ file \/run\/published-\d+\/$/ },
  { driver: 'PublishesNothingLater', check: PUBLISH, says: /^nobody reaches port \d+ of the host/ },
  {
    driver: 'KeepsPortsOpen',
    check: PUBLISH,
    says: /^after the way back, with the container there, port \d+ of the host is open still$/,
  },
  { driver: 'UnpublishesOnce', check: PUBLISH, says: /^after a crash behind step 0 of 2, the way back fails: / },
]

testCases('net', { cases, checks: networkChecks.filter((each) => !publishChecks.includes(each)), first: PLANS })
testCases('net', { cases: publishers, checks: publishChecks, first: PLANS, file: 'publisher' })
