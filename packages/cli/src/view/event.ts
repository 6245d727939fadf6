import { type Event, formatTime } from '@rt/runtime'

export interface EventView {
  /** Docker's form of an event. `timeNano` has more digits than a JavaScript number keeps: it is text here. */
  readonly fields: Record<string, unknown>
  readonly json: string
  readonly line: string
}

export const eventView = (event: Event, attributes: Readonly<Record<string, string>>): EventView => {
  const { type = 'container', action, id, image, time } = event
  const fields = {
    ...(type === 'container' && { status: action, id, from: image }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(time / 1_000_000_000n),
  }
  const list = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
  return {
    fields: { ...fields, timeNano: String(time) },
    json: `${JSON.stringify(fields).slice(0, -1)},"timeNano":${time}}`,
    line: `${formatTime(time)} ${type} ${action} ${id} (${list.sort().join(', ')})`,
  }
}
